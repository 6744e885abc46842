// The scenarios with real I/O, in io/. They run in real time, each in a process
// of its own, in the `python3` of the machine and here.

import { inAsyncStyle, STYLES } from "./_scenarios.ts";
import { firstDifference, translated } from "./_text.ts";

const FOLDER = new URL("./io/", import.meta.url);

/** The names of all scenarios. */
export function ioScenarioNames(): string[] {
  return [...Deno.readDirSync(FOLDER)]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".py"))
    .map((name) => name.slice(0, -".py".length))
    .sort();
}

function fileOf(name: string, ending: string): URL {
  return new URL(name + ending, FOLDER);
}

/** The text of a file of a scenario. */
export function ioTextOf(name: string, ending: string): string {
  return Deno.readTextFileSync(fileOf(name, ending));
}

async function outputOf(program: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

/** What a scenario prints here, in one of the styles. */
export function outputHere(name: string, ending: string): Promise<string> {
  const path = fileOf(name, ending).pathname;
  return outputOf(Deno.execPath(), "run", "--allow-all", "--quiet", path);
}

/** The async half of a scenario, as it should be. */
export function derivedIo(name: string): Promise<string> {
  const file = name + STYLES.generator;
  return inAsyncStyle(file, ioTextOf(name, STYLES.generator));
}

async function pythonVersion(): Promise<string | null> {
  try {
    return (await outputOf("python3", "--version")).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Records what the scenarios print in `python3`, and derives the async halves. */
export async function recordIo(): Promise<void> {
  const version = await pythonVersion();
  for (const name of ioScenarioNames()) {
    const derived = await derivedIo(name);
    await Deno.writeTextFile(fileOf(name, STYLES.async), derived);
    if (version === null) continue;
    const output = await outputOf("python3", fileOf(name, ".py").pathname);
    await Deno.writeTextFile(fileOf(name, ".out"), output);
  }
  console.log(`${ioScenarioNames().length} scenarios with I/O: ${version}`);
}

/**
 * Compares the scenarios whose names match `filter`.
 *
 * @returns Whether they all agree.
 */
export async function compareIo(filter: RegExp): Promise<boolean> {
  const names = ioScenarioNames().filter((name) => filter.test(name));
  const version = await pythonVersion();
  let agree = 0;
  for (const name of names) {
    const recorded = ioTextOf(name, ".out");
    const texts: Record<string, string> = {};
    for (const [style, ending] of Object.entries(STYLES)) {
      texts[`the ${style} style`] = await outputHere(name, ending);
    }
    if (version !== null) {
      const path = fileOf(name, ".py").pathname;
      texts[version] = translated(await outputOf("python3", path));
    }
    let isSame = true;
    for (const [what, text] of Object.entries(texts)) {
      const difference = firstDifference(translated(recorded), text);
      if (difference === null) continue;
      isSame = false;
      const { line, expected, actual } = difference;
      console.log(
        `${name}: the recording and ${what} differ, line ${line}:\n  ${expected}\n  ${actual}\n`,
      );
    }
    if (isSame) agree++;
  }
  console.log(
    `I/O, ${version ?? "no python3"}: ${agree} of ${names.length} agree`,
  );
  return agree === names.length;
}
