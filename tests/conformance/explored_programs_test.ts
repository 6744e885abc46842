// Random programs under many schedules, at both levels. Under each, nothing is
// lost, lines are first come, first served, and nothing has more holders than it
// may have: see conformance/fuzz/explored.ts, which runs others:
// `deno run conformance/fuzz/explored.ts --seed 1 --programs 2000 --schedules 50`

import { assert } from "@std/assert";
import { EXPLORED, explored, STYLES } from "../../conformance/fuzz/explored.ts";
import { programsOf } from "../../conformance/fuzz/program.ts";

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
