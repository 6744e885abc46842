// Random programs under many schedules, at both levels. Under each, nothing is
// lost, lines are first come, first served, and nothing has more holders than it
// may have: see conformance/fuzz/explored.ts, which runs others:
// `deno run conformance/fuzz/explored.ts --seed 1 --programs 2000 --schedules 50`

import { assert, assertEquals } from "@std/assert";
import { translated } from "../../conformance/_text.ts";
import {
  EXPLORED,
  explored,
  firstTrace,
  STYLES,
} from "../../conformance/fuzz/explored.ts";
import { programsOf, RECORDED } from "../../conformance/fuzz/program.ts";
import general from "../../conformance/fuzz/recorded_general.json" with {
  type: "json",
};

const SEED = 1;
const COUNT = 40;
const SCHEDULES = 10;

for (const subject of EXPLORED) {
  for (const style of Object.keys(STYLES) as (keyof typeof STYLES)[]) {
    Deno.test(`${COUNT} random programs (${subject}) keep the invariants under ${SCHEDULES} schedules (${style})`, async () => {
      let schedules = 0;
      for (const program of programsOf(subject, SEED, COUNT)) {
        for (const report of await explored(program, style, SEED, SCHEDULES)) {
          schedules += report.schedules;
        }
      }
      assert(schedules > 2 * COUNT, `only ${schedules} schedules differ`);
    });
  }
}

for (const style of Object.keys(STYLES) as (keyof typeof STYLES)[]) {
  Deno.test(`if all choices are zero, random programs run as in CPython (${style})`, async () => {
    const { seed, count } = RECORDED.general;
    for (
      const [number, program] of programsOf("general", seed, count).entries()
    ) {
      const expected = translated(general[number]);
      const trace = await firstTrace(program, style);
      const end = trace.startsWith(`${expected}\n`)
        ? expected.length
        : Infinity;
      assertEquals(trace.slice(0, end), expected, `program ${number}`);
    }
  });
}
