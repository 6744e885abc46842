// Runs every program in README.md and docs/*.md, and compares what it prints
// with what the page shows. tests/_pages.ts says how.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  commandsOf,
  comparable,
  excerptsOf,
  isTest,
  outputOf,
  type Program,
  programsOf,
  skeletonOf,
} from "../_pages.ts";

const root = new URL("../..", import.meta.url);
const states = await Promise.all([
  Deno.permissions.query({ name: "run" }),
  Deno.permissions.query({ name: "read", path: root }),
]);
const ignore = Deno.build.os === "windows" ||
  states.some(({ state }) => state !== "granted");

/** How many programs run at the same time: most of them only sleep. */
const AT_ONCE = 4;

/** The paths of the pages, from the root of the repository. */
function findPages(): string[] {
  const inRoot = [...Deno.readDirSync(root)]
    .filter(({ name }) => /^README.*\.md$/.test(name))
    .map(({ name }) => name);
  const inDocs = [...Deno.readDirSync(new URL("docs", root))]
    .filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => `docs/${name}`);
  return [...inRoot, ...inDocs].sort();
}

/** Runs programs, a few at a time; the outputs are in their order. */
async function runAll(programs: Program[]) {
  const outputs = new Map<Program, { code: number; output: string }>();
  const left = programs.values();
  async function work(): Promise<void> {
    for (const program of left) outputs.set(program, await outputOf(program));
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outputs;
}

const pages = ignore ? ["README.md and docs/"] : findPages();

for (const page of pages) {
  Deno.test({
    name: `the programs in ${page} print what it shows`,
    ignore,
    async fn(t) {
      const programs = programsOf(read(page));
      const outputs = await runAll(programs);
      for (const program of programs) {
        const { code, output } = outputs.get(program)!;
        await t.step(program.name, () => {
          if (program.output === null) {
            assertEquals([code, output], [0, isTest(program) ? output : ""]);
          } else assertEquals(output, comparable(program.output));
        });
      }
    },
  });
}

Deno.test({
  name: "the parts of examples that the pages show are in the examples",
  ignore,
  fn() {
    const excerpts = pages.map(read).flatMap(excerptsOf);
    assert(excerpts.length > 0);
    // The formatter indents them as if they stood alone.
    const flat = (text: string) => text.replaceAll(/^ +/gm, "");
    for (const { path, source } of excerpts) {
      assertStringIncludes(flat(read(path)), flat(source));
    }
  },
});

Deno.test({
  name:
    "the commands in the pages name examples, with the flags that these need",
  ignore,
  fn() {
    const needed = new Map<string, string>();
    for (
      const [, names, flags] of read(".ci/examples")
        .matchAll(/^ +([\w. |]+)\) flags="?(.*?)"? ;;$/gm)
    ) {
      for (const name of names.split(" | ")) {
        needed.set(`examples/${name}`, flags);
      }
    }
    const commands = pages.map(read).flatMap(commandsOf);
    assert(commands.length > 0);
    for (const { path, flags } of commands) {
      read(path);
      // A page may grant more than is needed: --allow-net for --allow-net=HOST.
      for (const flag of (needed.get(path) ?? "").split(" ")) {
        const granted = flags.some((given) =>
          given === flag || given === flag.replace(/=.*/, "")
        );
        assert(granted || flag === "", `${path} needs ${flag}`);
      }
    }
  },
});

Deno.test({
  name: "each program of docs/faq.md prints the message that it stands under",
  ignore,
  fn() {
    const missing = programsOf(read("docs/faq.md"))
      .filter(({ name }) => name.endsWith(", 1"))
      .filter(({ name, output }) => {
        const parts = name.replace(/, 1$/, "").replaceAll("\\", "").split("…");
        return parts.some((part) => !output?.includes(part.trim()));
      });
    assertEquals(missing.map(({ name }) => name), []);
  },
});

/** Reads a page. */
function read(page: string): string {
  return Deno.readTextFileSync(new URL(page, root));
}

for (const page of pages.filter((page) => page.endsWith(".zh-CN.md"))) {
  const original = page.replace(".zh-CN", "");
  Deno.test(`${page} has the chapters and programs of ${original}`, () => {
    assertEquals(skeletonOf(read(page)), skeletonOf(read(original)));
  });
}

const PAGE = `
# One

\`\`\`ts
first();
\`\`\`

\`\`\`text
printed
\`\`\`

\`\`\`ts --allow-net --allow-read=.
second();
\`\`\`

Words in between.

\`\`\`text
not its output
\`\`\`

## Two

\`\`\`ts ignore
fragment();
\`\`\`

\`\`\`text
of a fragment
\`\`\`

\`\`\`ts
third();
\`\`\`
`;

Deno.test("a program has the flags after `ts`, and the output that follows at once", () => {
  assertEquals(programsOf(PAGE), [
    { name: "One, 1", source: "first();\n", flags: [], output: "printed\n" },
    {
      name: "One, 2",
      source: "second();\n",
      flags: ["--allow-net", "--allow-read=."],
      output: null,
    },
    { name: "Two, 1", source: "third();\n", flags: [], output: null },
  ]);
});

for (
  const [what, left, right, same] of [
    ["addresses", "at 0x1108c50c8", "at 0x7f3a5c019d40", true],
    ["which address is which", "0x100001 0x100001", "0x100001 0x100002", false],
    ["measured times", "took 4.003800868988037 s", "took 4.0125 s", true],
    ["times of tests", "f ... ok (3ms)\n", "f ... ok (1m12s)\n", true],
    ["short decimals", "took 4.01 s", "took 4.02 s", false],
    ["lines", "/home/me/main.ts:3", "/home/me/main.ts:4", false],
    [
      "stacks",
      "error: x\n  throw error;\n        ^\n    at f (a.ts:1:1)\n",
      "error: x\n    at g (b.ts:2:2)\n    at h (b.ts:3:3)\n",
      true,
    ],
  ] as const
) {
  Deno.test(`comparing output ${same ? "overlooks" : "sees"} ${what}`, () => {
    assertEquals(comparable(left) === comparable(right), same);
  });
}
