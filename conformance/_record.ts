// Writes the files that are derived from the scenarios, next to them.

import { transcript } from "./_perform.ts";
import { inPyodide } from "./_python.ts";
import {
  derivedAsync,
  fileOf,
  formatted,
  inAsyncStyle,
  pythonSources,
  scenarioNames,
  STYLES,
  textOf,
} from "./_scenarios.ts";
import { comparable, withoutPlaces } from "./_text.ts";

function writeIfChanged(file: URL, text: string): number {
  try {
    if (Deno.readTextFileSync(file) === text) return 0;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  Deno.writeTextFileSync(file, text);
  return 1;
}

async function recordPrograms(): Promise<number> {
  const source = new URL("./fuzz/interpreter.ts", import.meta.url);
  const derived = await inAsyncStyle(
    "interpreter.ts",
    Deno.readTextFileSync(source),
  );
  const target = new URL("./interpreter.async.ts", source);
  const changed = writeIfChanged(target, derived);
  // Imported only now, since it imports the file that was just written.
  const { recordedTraces } = await import("./fuzz/fuzz.ts");
  const { SUBJECTS } = await import("./fuzz/program.ts");
  let total = changed;
  for (const subject of SUBJECTS) {
    const traces = JSON.stringify(await recordedTraces(subject), null, 2);
    const file = new URL(`./recorded_${subject}.json`, source);
    total += writeIfChanged(file, `${traces}\n`);
  }
  return total;
}

/** A module that holds all that `deno test` needs, which may not read files. */
function indexModule(names: string[], differing: Set<string>): string {
  const imports = names.flatMap((name, index) => [
    `import python${index} from "./scenarios/${name}.out" with { type: "text" };`,
    ...(differing.has(name)
      ? [
        `import here${index} from "./scenarios/${name}.differs.out" with { type: "text" };`,
      ]
      : []),
  ]);
  const entries = names.map((name, index) => {
    const start = (ending: string) =>
      textOf(name, ending) === null
        ? "null"
        : `() => import("./scenarios/${name}${ending}")`;
    return `{
      name: "${name}",
      python: python${index},
      here: ${differing.has(name) ? `here${index}` : "null"},
      generator: ${start(STYLES.generator)},
      async: ${start(STYLES.async)},
    },`;
  });
  return `// Written by \`deno task conformance --record\`.

${imports.join("\n")}

/** A recorded scenario. */
export interface Scenario {
  name: string;
  /** What the scenario prints in CPython. */
  python: string;
  /** What the scenario prints here, if that differs on purpose. */
  here: string | null;
  /** Imports the TypeScript half, which runs it once, in each style. */
  generator: (() => Promise<unknown>) | null;
  async: (() => Promise<unknown>) | null;
}

/** All scenarios. */
export const SCENARIOS: Scenario[] = [
${entries.join("\n")}
];
`;
}

/**
 * Records all scenarios again.
 *
 * @param differing The scenarios that differ on purpose.
 */
export async function record(differing: Set<string>): Promise<void> {
  const names = scenarioNames();
  const { version, transcripts } = await inPyodide(pythonSources(names));
  let changed = 0;
  for (const name of names) {
    const derived = await derivedAsync(name);
    if (derived !== null) {
      changed += writeIfChanged(fileOf(name, STYLES.async), derived);
    }
    const text = withoutPlaces(transcripts[name]);
    changed += writeIfChanged(fileOf(name, ".out"), text);
    if (differing.has(name)) {
      const here = await transcript(() =>
        import(fileOf(name, STYLES.generator).href)
      );
      const text = comparable(here);
      changed += writeIfChanged(fileOf(name, ".differs.out"), text);
    }
  }
  changed += await recordPrograms();
  const index = await formatted(indexModule(names, differing));
  changed += writeIfChanged(new URL("./index.ts", import.meta.url), index);
  console.log(
    `${names.length} scenarios recorded from CPython ${version}: ${changed} files changed`,
  );
}
