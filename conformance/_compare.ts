// Runs every scenario in CPython and here, and prints by subject how the
// transcripts compare.

import { transcript } from "./_perform.ts";
import { inPyodide, inPython3, type Recording } from "./_python.ts";
import {
  derivedAsync,
  fileOf,
  pythonSources,
  scenarioNames,
  STYLES,
  subjectOf,
  textOf,
} from "./_scenarios.ts";
import {
  comparable,
  firstDifference,
  translated,
  withoutPlaces,
} from "./_text.ts";

/** How the scenarios of one subject compare. */
interface Tally {
  scenarios: number;
  agree: number;
  /** Those that differ on purpose: DIFFERENCES.md lists them. */
  listed: number;
  differ: number;
}

/** What is wrong with a scenario, one entry for each problem. */
type Complaints = string[];

function complain(
  complaints: Complaints,
  what: string,
  expected: string,
  actual: string,
): void {
  const difference = firstDifference(expected, actual);
  if (difference === null) return;
  complaints.push(
    `${what}, line ${difference.line}:\n  ${difference.expected}\n  ${difference.actual}`,
  );
}

async function compareOne(
  name: string,
  recordings: Recording[],
  isListed: boolean,
): Promise<Complaints> {
  const complaints: Complaints = [];
  const [newest, ...others] = recordings.map(({ version, transcripts }) => ({
    version,
    text: name in transcripts ? withoutPlaces(transcripts[name]) : null,
  }));
  const expected = isListed
    ? textOf(name, ".differs.out") ?? ""
    : translated(newest.text!);
  for (const [style, ending] of Object.entries(STYLES)) {
    if (textOf(name, ending) === null) continue;
    const here = await transcript(() => import(fileOf(name, ending).href));
    const what = `CPython ${newest.version} and the ${style} style differ`;
    complain(complaints, what, expected, comparable(here));
  }
  const derived = await derivedAsync(name);
  if (derived !== null && derived !== textOf(name, STYLES.async)) {
    complaints.push("the async half is out of date: use --record");
  }
  if (isListed) return complaints; // CPython's own output may vary there
  complain(
    complaints,
    `the recording and CPython ${newest.version} differ: use --record`,
    textOf(name, ".out") ?? "",
    newest.text!,
  );
  for (const { version, text } of others) {
    if (text === null) continue; // the scenario needs a newer version
    const what = `CPython ${newest.version} and CPython ${version} differ`;
    complain(complaints, what, newest.text!, text);
  }
  return complaints;
}

function printTable(tallies: Map<string, Tally>): void {
  const row = (subject: string, ...cells: (string | number)[]) =>
    console.log(
      subject.padEnd(28) + cells.map((cell) => `${cell}`.padStart(11)).join(""),
    );
  row("subject", "scenarios", "agree", "differ", "not listed");
  const total = { scenarios: 0, agree: 0, listed: 0, differ: 0 };
  for (const [subject, tally] of tallies) {
    const { scenarios, agree, listed, differ } = tally;
    row(subject, scenarios, agree, listed + differ, differ);
    total.scenarios += scenarios;
    total.agree += agree;
    total.listed += listed;
    total.differ += differ;
  }
  row(
    "total",
    total.scenarios,
    total.agree,
    total.listed + total.differ,
    total.differ,
  );
}

/**
 * Compares the scenarios whose names match `filter`.
 *
 * @param differing The scenarios that differ on purpose.
 * @returns Whether all differences are intended.
 */
export async function compare(
  differing: Set<string>,
  filter: RegExp,
): Promise<boolean> {
  const names = scenarioNames().filter((name) => filter.test(name));
  const sources = pythonSources(names);
  const recordings = [await inPyodide(sources)];
  const local = await inPython3(sources);
  if (local !== null) recordings.push(local);
  const tallies = new Map<string, Tally>();
  let fine = true;
  for (const name of names) {
    const subject = subjectOf(name);
    const tally = tallies.get(subject) ??
      { scenarios: 0, agree: 0, listed: 0, differ: 0 };
    tallies.set(subject, tally);
    const isListed = differing.has(name);
    const complaints = await compareOne(name, recordings, isListed);
    tally.scenarios++;
    if (complaints.length > 0) tally.differ++;
    else if (isListed) tally.listed++;
    else tally.agree++;
    for (const complaint of complaints) {
      fine = false;
      console.log(`${name}: ${complaint}\n`);
    }
  }
  for (const { version, transcripts } of recordings) {
    const count = Object.keys(transcripts).length;
    console.log(`CPython ${version}: ${count} scenarios`);
  }
  console.log();
  printTable(tallies);
  return fine;
}
