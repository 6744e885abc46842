// Runs random programs of strands, and shortens those that show a fault.
//
//   deno run conformance/fuzz/strands.ts --seed 7 --programs 10000

import { parseArgs } from "node:util";
import { shrunk } from "./shrink.ts";
import { violationsOf } from "./strands_interpreter.ts";
import { type Program, programOf } from "./strands_program.ts";
import { sourceOf } from "./strands_source.ts";

/** How many kinds of violations are reported with a program. */
const MAX_REPORTS = 8;

/** How many shorter programs are tried at most, for each. */
const MAX_TRIES = 10_000;

/** A violation without what differs from program to program. */
function kindOf(violation: string): string {
  return violation.replace(/^\d+: /, "").replace(/\d+/g, "N");
}

/**
 * Shortens a program that shows a fault.
 *
 * @param violation What was wrong with it.
 * @returns The source of a shorter one that shows the same.
 */
export async function reportOf(
  program: Program,
  violation: string,
): Promise<string> {
  const kind = kindOf(violation);
  const short = await shrunk(program, async (program) => {
    const violations = await violationsOf(program);
    return violations.some((violation) => kindOf(violation) === kind);
  }, MAX_TRIES);
  const violations = await violationsOf(short);
  return `${violations.join("\n")}\n\n${sourceOf(short)}`;
}

/**
 * Runs random programs.
 *
 * @returns Whether nothing was wrong with any of them.
 */
async function fuzz(seed: number, count: number): Promise<boolean> {
  const kinds = new Map<string, number>();
  for (let number = 0; number < count; number++) {
    const program = programOf(seed, number);
    const violations = await violationsOf(program);
    if (violations.length === 0) continue;
    const kind = kindOf(violations[0]);
    const times = kinds.get(kind) ?? 0;
    kinds.set(kind, times + 1);
    if (times > 0 || kinds.size > MAX_REPORTS) continue;
    const report = await reportOf(program, violations[0]);
    console.log(`=== program ${number}\n${report}\n`);
  }
  for (const [kind, times] of kinds) console.log(`${times} times: ${kind}`);
  console.log(
    `${count} programs of seed ${seed}: ${kinds.size} kinds of violations`,
  );
  return kinds.size === 0;
}

if (import.meta.main) {
  const { values: options } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      programs: { type: "string", default: "1000" },
    },
  });
  if (!await fuzz(Number(options.seed), Number(options.programs))) {
    Deno.exitCode = 1;
  }
}
