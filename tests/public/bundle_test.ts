// Copyright 2026 the asyncio authors. MIT license.

// What becomes of the library in a bundle: nothing in it depends on the files
// or the names that it had before.

import { assert, assertEquals, assertMatch } from "@std/assert";

const root = new URL("../..", import.meta.url);

const runs = await Deno.permissions.query({
  name: "run",
  command: Deno.execPath(),
});
const reads = await Deno.permissions.query({ name: "read", path: root });
const ignore = runs.state !== "granted" || reads.state !== "granted";

const PROGRAM = new URL("../fixtures/bundled.ts", import.meta.url);

async function deno(...args: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return stdout;
}

function bundle(
  module: URL,
  ...options: string[]
): Promise<Uint8Array<ArrayBuffer>> {
  return deno("bundle", "--quiet", ...options, module.pathname);
}

/** Runs a bundle from its text, and returns what it prints, by its labels. */
async function outputOf(
  code: Uint8Array<ArrayBuffer>,
): Promise<Record<string, string>> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", "--ext=js", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(code);
  await writer.close();
  const { success, stdout } = await child.output();
  assert(success);
  return labelled(stdout);
}

/** Printed lines by their labels. */
function labelled(output: Uint8Array<ArrayBuffer>): Record<string, string> {
  const lines = new TextDecoder().decode(output).trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => {
    const end = line.indexOf(": ");
    return [line.slice(0, end), line.slice(end + 2)];
  }));
}

/** The labels in `PROGRAM` of lines whose place is printed. */
const PLACES = [
  "run",
  "coroutine",
  "createTask",
  "loop.createTask",
  "new Task",
  "gather",
  "race",
  "group.createTask",
  "asCompleted",
  "eager",
  "inner",
  "in gather",
  "in asCompleted",
  "limited",
  "group.start",
  "runner.run",
  "runTest",
  "explore",
  "cancelEverywhere",
];

function checkPlaces(code: string, printed: Record<string, string>): void {
  const lines = code.split("\n");
  for (const label of PLACES) {
    const place = /(?:running at|defined at) .*?:(\d+)>/.exec(printed[label]);
    const line = lines[Number(place![1]) - 1];
    assert(line.includes(`/${label}/`), `${label}: ${line}`);
  }
}

Deno.test({
  name: "a place in a bundle is where the user has called the library",
  ignore,
  async fn() {
    const code = await bundle(PROGRAM);
    checkPlaces(new TextDecoder().decode(code), await outputOf(code));
  },
});

Deno.test({
  name: "a place is where the user has called the library, from its sources",
  ignore,
  async fn() {
    const output = await deno("run", "--quiet", PROGRAM.pathname);
    checkPlaces(await Deno.readTextFile(PROGRAM), labelled(output));
  },
});

Deno.test({
  name: "names in printed text survive minification",
  ignore,
  async fn() {
    const printed = await outputOf(await bundle(PROGRAM, "--minify"));
    assertEquals(printed["Lock"], "<Lock [unlocked]>");
    assertMatch(printed["sleep"], /^<coroutine object sleep at 0x[0-9a-f]+>$/);
    assertEquals(
      printed["CancelledError"],
      "<Future finished exception=CancelledError('x')>",
    );
    assertMatch(printed["run"], / cb=\[_run_until_complete_cb\(\)\]>$/);
    assertMatch(printed["EventLoop"], /^<EventLoop running=True /);
  },
});

/** The modules of the library, by paths from the root. */
function* modules(folder = ""): Generator<string> {
  for (const { name, isFile } of Deno.readDirSync(new URL(folder, root))) {
    if (isFile && name.endsWith(".ts")) yield folder + name;
    else if (folder === "" && name.startsWith("_")) yield* modules(`${name}/`);
  }
}

/**
 * The calls that modules make when they are loaded: the program of workers, and
 * the entry that is imported for its effect.
 */
const CALLS = [
  "_threads/pool_worker.ts: port.add(",
  "debug.ts: debugNewLoops(",
];

Deno.test({
  name: "no module does anything when it is loaded that a bundler must keep",
  ignore,
  fn() {
    const calls: string[] = [];
    for (const path of modules()) {
      const text = Deno.readTextFileSync(new URL(path, root));
      for (const [line] of text.matchAll(/^\s+static \{|^[\w.]+\(/gm)) {
        calls.push(`${path}: ${line.trim()}`);
      }
    }
    assertEquals(calls.sort(), CALLS);
  },
});

/**
 * What is reached so far, minified and gzipped, in bytes. To be lowered, never
 * raised for comfort. The first is what is left of `mod.ts` in a program that
 * uses nothing but `run` and `sleep`.
 */
const LIMITS: Record<string, number> = {
  "tests/fixtures/run_and_sleep.ts": 30_950,
  "runner.ts": 31_300,
  "mod.ts": 54_900,
};

async function gzippedSize(code: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([code]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

for (const [module, limit] of Object.entries(LIMITS)) {
  Deno.test({
    name: `${module} with all that it needs takes at most ${limit} bytes`,
    ignore,
    async fn() {
      const code = await bundle(new URL(module, root), "--minify");
      const size = await gzippedSize(code);
      assert(size <= limit, `${size} bytes`);
    },
  });
}

Deno.test({
  name: "nothing of mod.ts is left in a bundle that does not use it",
  ignore,
  async fn() {
    const program = new URL("tests/fixtures/uses_nothing.ts", root);
    const code = new TextDecoder().decode(await bundle(program));
    assertEquals(code.match(/\b(class|function)\b.*|.*=>.*/g), null);
  },
});

/** The modules of which there is something in a bundle. */
async function modulesIn(module: string): Promise<string[]> {
  const code = new TextDecoder().decode(await bundle(new URL(module, root)));
  return Array.from(code.matchAll(/^\/\/ (\S+\.ts)$/gm), ([, path]) => path);
}

Deno.test({
  name: "runner.ts brings no threads into a bundle",
  ignore,
  async fn() {
    const found = await modulesIn("runner.ts");
    assert(!found.some((path) => path.startsWith("_threads/")));
  },
});

Deno.test({
  name:
    "run and sleep of mod.ts bring no more into a bundle than their modules",
  ignore,
  async fn() {
    const found = await modulesIn("tests/fixtures/run_and_sleep.ts");
    const alone = await modulesIn("runner.ts"); // it needs task.ts
    assertEquals(found.sort(), alone.sort());
  },
});
