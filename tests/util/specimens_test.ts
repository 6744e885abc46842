import { assertEquals } from "@std/assert";
import { keepSpecimens, makeSpecimens } from "../../_util/specimens.ts";

Deno.test("specimens are made once, and not before makeSpecimens()", () => {
  const calls: string[] = [];
  const make = () => calls.push("made");
  keepSpecimens(make);
  keepSpecimens(make);
  assertEquals(calls, []);
  makeSpecimens();
  keepSpecimens(make);
  makeSpecimens();
  assertEquals(calls, ["made"]);
});

Deno.test("making specimens may ask to keep the same ones", () => {
  let calls = 0;
  function make(): void {
    calls++;
    keepSpecimens(make);
  }
  keepSpecimens(make);
  makeSpecimens();
  makeSpecimens();
  assertEquals(calls, 1);
});
