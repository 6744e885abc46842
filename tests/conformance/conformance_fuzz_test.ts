// A few hundred random programs, in both styles, against what CPython did.
// `deno task conformance --fuzz 1000 --seed 7` runs others, and shrinks failures.

import { assertEquals } from "@std/assert";
import { translated } from "../../conformance/_text.ts";
import { trace as traceOfAsync } from "../../conformance/fuzz/interpreter.async.ts";
import { trace as traceOfGenerator } from "../../conformance/fuzz/interpreter.ts";
import { programsOf, RECORDED } from "../../conformance/fuzz/program.ts";
import traces from "../../conformance/fuzz/recorded.json" with { type: "json" };

const programs = programsOf(RECORDED.seed, RECORDED.count);
const interpreters = { generator: traceOfGenerator, async: traceOfAsync };

for (const [style, trace] of Object.entries(interpreters)) {
  Deno.test(`${programs.length} random programs run as in CPython (${style})`, async () => {
    assertEquals(traces.length, programs.length);
    for (const [number, program] of programs.entries()) {
      assertEquals(
        await trace(program),
        translated(traces[number]),
        `program ${number}: see conformance/fuzz/`,
      );
    }
  });
}
