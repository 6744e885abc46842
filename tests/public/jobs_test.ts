// Runs the job worker in child processes, and kills them.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const { state } = await Deno.permissions.query({ name: "run" });
const ignore = state !== "granted" || Deno.build.os === "windows";
const program = new URL("../../examples/jobs.ts", import.meta.url).href;

const decoder = new TextDecoder();

/** A directory for the database. Commands make it: that needs no permission. */
async function makeDirectory() {
  const { stdout } = await new Deno.Command("mktemp", { args: ["-d"] })
    .output();
  const path = decoder.decode(stdout).trim();
  return {
    path,
    async [Symbol.asyncDispose]() {
      await new Deno.Command("rm", { args: ["-r", path] }).output();
    },
  };
}

function start(directory: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-read=${directory}`,
      `--allow-write=${directory}`,
      program,
      `--database=${directory}/jobs.sqlite`,
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
}

async function finish(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  return {
    code,
    lines: decoder.decode(stdout).split("\n").slice(0, -1),
    stderr: decoder.decode(stderr),
  };
}

/** The columns of all jobs: number, text, state, failures, outcome. */
async function list(directory: string): Promise<string[][]> {
  const { lines } = await finish(start(directory, "list"));
  return lines.map((line) => line.split("\t"));
}

/** Adds jobs with the names "0", "1"… */
async function add(directory: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => String(i));
  const { code } = await finish(start(directory, "add", ...names));
  assertEquals(code, 0);
}

/** Starts a worker, ends it by a signal when it has done some jobs. */
async function interrupt(
  directory: string,
  signal: Deno.Signal,
  enough: number,
) {
  const child = start(
    directory,
    "work",
    "--lease=0.3",
    "--seconds=0.02",
  );
  let output = "";
  let isKilled = false; // a second signal would end it at once
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk);
    if (isKilled || output.split("\n").length <= enough) continue;
    child.kill(signal);
    isKilled = true;
  }
  await child.stderr.cancel();
  const { code } = await child.status;
  return { code, lines: output.split("\n").filter((line) => line !== "") };
}

Deno.test({
  name:
    "no job is lost, and none is done twice, when workers are killed 50 times",
  ignore,
  async fn() {
    await using directory = await makeDirectory();
    const { path } = directory;
    const JOBS = 1000;
    await add(path, JOBS);

    const printed: string[] = [];
    // Two at a time, so that one dies while the other one works.
    async function killSome(first: number) {
      for (let i = first; i < 50; i += 2) {
        const { code, lines } = await interrupt(path, "SIGKILL", 1 + i % 3);
        assertEquals(code, 128 + 9);
        printed.push(...lines);
      }
    }
    await Promise.all([killSome(0), killSome(1)]);
    assert(printed.length >= 50, "the workers did not come to work");

    const last = await finish(
      start(path, "work", "--drain", "--seconds=0.001", "--workers=8"),
    );
    assertEquals([last.code, last.stderr], [0, ""]);
    printed.push(...last.lines);
    assertEquals(
      await list(path),
      Array.from(
        { length: JOBS },
        (_, i) => [`${i + 1}`, `${i}`, "done", "0", `Hello, ${i}`],
      ),
    );
    // A worker prints after it has written. Killed in between, it never does.
    assertEquals(printed.length, new Set(printed).size);
    assert(printed.length <= JOBS);
  },
});

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `${signal} puts the jobs that are under way back at once`,
    ignore,
    async fn() {
      await using directory = await makeDirectory();
      const { path } = directory;
      await add(path, 40);
      const { code, lines } = await interrupt(path, signal, 5);
      assertEquals(code, status);
      const jobs = await list(path);
      const states = jobs.map(([, , state]) => state);
      assertEquals(new Set(states), new Set(["done", "queued"]));
      assertEquals(states.filter((s) => s === "done").length, lines.length);
    },
  });
}

Deno.test({
  name: "a job that fails is tried three times, and does not stop the others",
  ignore,
  async fn() {
    await using directory = await makeDirectory();
    const { path } = directory;
    await finish(start(path, "add", "Ann", "Nobody", "Bob"));
    const { code } = await finish(
      start(path, "work", "--drain", "--seconds=0.01"),
    );
    assertEquals(code, 0);
    assertEquals(await list(path), [
      ["1", "Ann", "done", "0", "Hello, Ann"],
      ["2", "Nobody", "failed", "3", "Error: no such address"],
      ["3", "Bob", "done", "0", "Hello, Bob"],
    ]);
  },
});

Deno.test({
  name: "a worker keeps a job that takes longer than the lease",
  ignore,
  async fn() {
    await using directory = await makeDirectory();
    const { path } = directory;
    await add(path, 1);
    const args = ["work", "--drain", "--lease=0.2", "--seconds=1"];
    const children = [start(path, ...args), start(path, ...args)];
    const results = await Promise.all(children.map(finish));
    assertEquals(results.flatMap(({ lines }) => lines), ["job 1: Hello, 0"]);
  },
});

for (
  const [args, message] of [
    [["add"], "add what?"],
    [["work", "now"], "not expected: now"],
    [["play"], "no such command: play"],
    [["work", "--workers=0"], "--workers must be above 0, not 0"],
    [["work", "--workers=1.5"], "--workers must be a whole number"],
    [["work", "--lease=NaN"], "--lease must be above 0, not NaN"],
    [["work", "--unknown"], "--unknown"],
  ] as const
) {
  Deno.test({
    name: `the job worker refuses ${args.join(" ")} with status 2`,
    ignore,
    async fn() {
      const { code, lines, stderr } = await finish(start("/nowhere", ...args));
      assertEquals([code, lines], [2, []]);
      assertStringIncludes(stderr, message);
      assertStringIncludes(stderr, "usage: jobs.ts");
    },
  });
}
