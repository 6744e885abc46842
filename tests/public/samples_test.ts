// Compares the output of five examples with that of the tutorial's programs from
// which they were translated.

import { assert, assertEquals, assertLess } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { setEventLoop } from "@asyncio/asyncio";
import { throughFakeTime } from "../_helpers.ts";

import callbackOutput from "../samples/callback.out" with { type: "text" };
import concurrentOutput from "../samples/concurrent.out" with { type: "text" };
import coroutineOutput from "../samples/coroutine.out" with { type: "text" };
import gatherOutput from "../samples/gather.out" with { type: "text" };
import taskOutput from "../samples/task.out" with { type: "text" };

import callbackSource from "../../examples/callback.ts" with { type: "text" };
import concurrentSource from "../../examples/concurrent.ts" with {
  type: "text",
};
import coroutineSource from "../../examples/coroutine.ts" with { type: "text" };
import gatherSource from "../../examples/gather.ts" with { type: "text" };
import taskSource from "../../examples/task.ts" with { type: "text" };

/** What a run of a program printed, and how long it took in seconds. */
interface Run {
  output: string;
  fakeSeconds: number;
  realSeconds: number;
}

/** One of the tutorial's programs, and the example made of it. */
interface Sample {
  name: string;
  /** The output that the tutorial shows. */
  tutorial: string;
  /** The source text of the example. */
  source: string;
  /** Imports the example, which runs it. A module runs only once. */
  start: () => Promise<unknown>;
  /** How long the example takes. */
  seconds: number;
}

// The paths are literals, since such imports need no permission.
const samples: Sample[] = [
  {
    name: "coroutine",
    tutorial: coroutineOutput,
    source: coroutineSource,
    start: () => import("../../examples/coroutine.ts"),
    seconds: 1,
  },
  {
    name: "task",
    tutorial: taskOutput,
    source: taskSource,
    start: () => import("../../examples/task.ts"),
    seconds: 1,
  },
  {
    name: "callback",
    tutorial: callbackOutput,
    source: callbackSource,
    start: () => import("../../examples/callback.ts"),
    seconds: 1,
  },
  {
    name: "concurrent",
    tutorial: concurrentOutput,
    source: concurrentSource,
    start: () => import("../../examples/concurrent.ts"),
    seconds: 4,
  },
  {
    name: "gather",
    tutorial: gatherOutput,
    source: gatherSource,
    start: () => import("../../examples/gather.ts"),
    seconds: 3,
  },
];

/** Differs: the path of the program on the computer of the tutorial's author. */
const TUTORIAL_SITE = /\/Users\/\S+\.py:\d+(?=[ >])/g;
/** Differs: the address of the coroutine. */
const ADDRESS = /0x[0-9a-f]+(?=>)/;
/** Differs: the measured time. */
const ELAPSED = /(?<=^总共用时间: )\S+$/m;

/** `FILE:LINE` of the coroutine function of an example. */
function siteOf({ name, source }: Sample): string {
  const lines = source.split("\n");
  const line = 1 + lines.findIndex((line) => line.includes("async function"));
  assert(line > 0, "the example has no coroutine function");
  const { pathname } = new URL(`../../examples/${name}.ts`, import.meta.url);
  const path = decodeURIComponent(pathname);
  return `${Deno.build.os === "windows" ? path.slice(1) : path}:${line}`;
}

/** A line as `console.log()` prints it. */
function toLine(args: unknown[]): string {
  const texts = args.map((arg) =>
    typeof arg === "string" ? arg : Deno.inspect(arg)
  );
  return `${texts.join(" ")}\n`;
}

const runs = new Map<Sample, Promise<Run>>();

/** Runs an example under fake time. It runs once; later calls share the run. */
function run(sample: Sample): Promise<Run> {
  let result = runs.get(sample);
  if (result === undefined) runs.set(sample, result = runFaked(sample));
  return result;
}

async function runFaked(sample: Sample): Promise<Run> {
  let output = "";
  const realStart = performance.now();
  using time = new FakeTime(0);
  using _log = stub(console, "log", (...args) => {
    output += toLine(args);
  });
  setEventLoop(null); // so that the example creates one that follows fake time
  try {
    await throughFakeTime(time, sample.start());
  } finally {
    setEventLoop(null);
  }
  return {
    output,
    fakeSeconds: time.now / 1000,
    realSeconds: (performance.now() - realStart) / 1000,
  };
}

/** The tutorial's output, with what must differ replaced by what was printed. */
function expectedOf(sample: Sample, output: string, elapsed: string): string {
  const address = ADDRESS.exec(output)?.[0] ?? "no address";
  return sample.tutorial
    .replaceAll(TUTORIAL_SITE, siteOf(sample))
    .replace(ADDRESS, address)
    .replace(ELAPSED, elapsed);
}

for (const sample of samples) {
  const { name, seconds } = sample;

  Deno.test(`examples/${name}.ts prints what the tutorial shows`, async () => {
    const { output } = await run(sample);
    assertEquals(output, expectedOf(sample, output, String(seconds)));
  });

  Deno.test(`examples/${name}.ts takes ${seconds} s of fake time, under 1 s of real time`, async () => {
    const { fakeSeconds, realSeconds } = await run(sample);
    assertEquals(fakeSeconds, seconds);
    assertLess(realSeconds, 1);
  });
}

const runPermission = await Deno.permissions.query({
  name: "run",
  command: Deno.execPath(),
});

/** Runs an example as a reader would. */
async function runForReal({ name }: Sample): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-lock", `examples/${name}.ts`],
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name:
    "the examples need no permission, and print the same when run as programs",
  ignore: runPermission.state !== "granted",
  async fn() {
    const outputs = await Promise.all(samples.map(runForReal));
    for (const [i, sample] of samples.entries()) {
      const elapsed = ELAPSED.exec(outputs[i])?.[0] ?? "";
      assertEquals(outputs[i], expectedOf(sample, outputs[i], elapsed));
    }
  },
});
