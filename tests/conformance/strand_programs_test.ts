// Random programs of tasks that wait in several places at once: of their
// operations CPython has no counterpart, so invariants stand for it. See
// conformance/fuzz/strands_world.ts.
// `deno run conformance/fuzz/strands.ts --seed 7 --programs 1000` runs others.

import { assertEquals } from "@std/assert";
import { reportOf } from "../../conformance/fuzz/strands.ts";
import { violationsOf } from "../../conformance/fuzz/strands_interpreter.ts";
import { programOf } from "../../conformance/fuzz/strands_program.ts";

const SEED = 1;
const COUNT = 300;

Deno.test(`${COUNT} random programs of strands keep the invariants`, async () => {
  for (let number = 0; number < COUNT; number++) {
    const program = programOf(SEED, number);
    const violations = await violationsOf(program);
    if (violations.length === 0) continue;
    const report = await reportOf(program, violations[0]);
    assertEquals(violations, [], `program ${number}, shortened:\n${report}`);
  }
});
