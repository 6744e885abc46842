// Every scenario in conformance/, in both styles, against what CPython printed.
// `deno task conformance` says more, and asks CPython itself.

import { assert, assertEquals } from "@std/assert";
import {
  intendedDifferences,
  readmeRows,
  scenariosThatDiffer,
} from "../../conformance/_differences.ts";
import { transcript } from "../../conformance/_perform.ts";
import { comparable, translated } from "../../conformance/_text.ts";
import { SCENARIOS } from "../../conformance/index.ts";

import differences from "../../conformance/DIFFERENCES.md" with {
  type: "text",
};
import readme from "../../README.md" with { type: "text" };

for (const { name, python, here, generator, async } of SCENARIOS) {
  for (const [style, start] of Object.entries({ generator, async })) {
    if (start === null) continue;
    Deno.test(`${name} prints what it prints in CPython (${style})`, async () => {
      assertEquals(
        comparable(await transcript(start)),
        here ?? translated(python),
      );
    });
  }
}

Deno.test("conformance has at least 80 scenarios", () => {
  assert(SCENARIOS.length >= 80);
});

Deno.test("a scenario differs from CPython if and only if DIFFERENCES.md lists it", () => {
  const differing = SCENARIOS
    .filter(({ python, here }) => here !== null && here !== translated(python))
    .map(({ name }) => name);
  assertEquals(
    new Set(differing),
    scenariosThatDiffer(differences),
  );
});

Deno.test("the README's table of differences is that of DIFFERENCES.md", () => {
  const rows = readme
    .slice(readme.indexOf("## What differs from CPython"))
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.replace(/\s+/g, " ").trim())
    .slice(1); // the head
  const ruler = rows.findIndex((row) => /^\| -+ \|/.test(row));
  assertEquals(
    rows.toSpliced(ruler, ruler < 0 ? 0 : 1).toSorted(),
    readmeRows(differences).toSorted(),
  );
});

Deno.test("every intended difference has a reason", () => {
  for (const { why } of intendedDifferences(differences)) assert(why !== "");
});
