// `deno task conformance` compares this library with CPython.
//
//   deno task conformance                    compare all scenarios
//   deno task conformance --only '^cancel'   compare some of them
//   deno task conformance --record           record all again
//   deno task conformance --table            print the table of the README
//   deno task conformance --fuzz 1000 --seed 7   compare random programs,
//                                            as many of each subject
//
// Scenarios with real I/O are in io/, and their CPython is the machine's python3.

import { parseArgs } from "node:util";
import { compare } from "./_compare.ts";
import { readmeRows, scenariosThatDiffer } from "./_differences.ts";
import { compareIo, recordIo } from "./_io.ts";
import { record } from "./_record.ts";
import differences from "./DIFFERENCES.md" with { type: "text" };

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    only: { type: "string", default: "" },
    record: { type: "boolean", default: false },
    fuzz: { type: "string" },
    seed: { type: "string", default: "1" },
    table: { type: "boolean", default: false },
  },
});

const differing = scenariosThatDiffer(differences);
if (options.table) {
  console.log(readmeRows(differences).join("\n"));
} else if (options.fuzz !== undefined) {
  // Imported only now: it needs a file that --record may have to write first.
  const { fuzz } = await import("./fuzz/fuzz.ts");
  const { SUBJECTS } = await import("./fuzz/program.ts");
  for (const subject of SUBJECTS) {
    if (!await fuzz(subject, Number(options.seed), Number(options.fuzz))) {
      Deno.exitCode = 1;
    }
  }
} else if (options.record) {
  await record(differing);
  await recordIo();
} else {
  const filter = new RegExp(options.only);
  // Each is run, whatever the other finds.
  const isFine = await compare(differing, filter);
  if (!await compareIo(filter) || !isFine) Deno.exitCode = 1;
}
