// A few hundred random programs, in both styles, against what CPython did.
// `deno task conformance --fuzz 1000 --seed 7` runs others, and shrinks failures.

import { assertEquals } from "@std/assert";
import { translated } from "../../conformance/_text.ts";
import { trace as traceOfAsync } from "../../conformance/fuzz/interpreter.async.ts";
import { trace as traceOfGenerator } from "../../conformance/fuzz/interpreter.ts";
import {
  programsOf,
  RECORDED,
  SUBJECTS,
} from "../../conformance/fuzz/program.ts";
import general from "../../conformance/fuzz/recorded_general.json" with {
  type: "json",
};
import scopes from "../../conformance/fuzz/recorded_scopes.json" with {
  type: "json",
};

const recorded = { general, scopes };
const interpreters = { generator: traceOfGenerator, async: traceOfAsync };

for (const subject of SUBJECTS) {
  const { seed, count } = RECORDED[subject];
  const programs = programsOf(subject, seed, count);
  const traces = recorded[subject];
  for (const [style, trace] of Object.entries(interpreters)) {
    Deno.test(`${count} random programs (${subject}) run as in CPython (${style})`, async () => {
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
}
