// Every scenario in conformance/io/, in both styles, against what CPython
// printed. They start processes and open sockets.

import { assert, assertEquals } from "@std/assert";
import {
  derivedIo,
  ioScenarioNames,
  ioTextOf,
  outputHere,
} from "../../conformance/_io.ts";
import { STYLES } from "../../conformance/_scenarios.ts";
import { translated } from "../../conformance/_text.ts";

const FOLDER = new URL("../../conformance/io/", import.meta.url);

const run = Deno.permissions.querySync({ name: "run" });
const read = Deno.permissions.querySync({ name: "read", path: FOLDER });
const ignore = run.state !== "granted" || read.state !== "granted" ||
  Deno.build.os === "windows";
const names = read.state === "granted" ? ioScenarioNames() : [];

for (const name of names) {
  for (const [style, ending] of Object.entries(STYLES)) {
    Deno.test({
      name: `${name} prints what it prints in CPython (${style})`,
      ignore,
      async fn() {
        assertEquals(
          await outputHere(name, ending),
          translated(ioTextOf(name, ".out")),
        );
      },
    });
  }

  Deno.test({
    name: `${name}: the async half is derived from the other`,
    ignore,
    async fn() {
      assertEquals(ioTextOf(name, STYLES.async), await derivedIo(name));
    },
  });
}

Deno.test({
  name: "there are scenarios with I/O",
  ignore,
  fn() {
    assert(names.length > 0);
  },
});
