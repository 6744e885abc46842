/**
 * Runs shell commands, several at a time, with a live display of what runs.
 *
 *     deno run --allow-run examples/parallel.ts [--jobs N] [COMMAND…]
 *     deno run --allow-run examples/parallel.ts [--jobs N] - < commands.txt
 *
 * The output of each command is printed in one piece when it ends. Ctrl-C ends
 * all commands, with everything that they have started. Without a command it
 * runs a few to look at.
 */

import { Queue, QueueShutDown, run, taskGroup } from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import {
  createSubprocessShell,
  DEVNULL,
  PIPE,
  STDOUT,
} from "@asyncio/asyncio/subprocess";
import { parseArgs } from "node:util";
import { Display, type Running } from "./parallel/display.ts";

const USAGE = "usage: parallel.ts [--jobs N] [COMMAND… | -]";

const DEMONSTRATION = [
  "for i in 1 2 3; do echo step $i; sleep 0.1; done",
  "seq 1000 | tail -n 1",
  "echo it has gone wrong >&2; exit 3",
  "(sleep 0.2; echo a child of a child) & wait",
  "date +%Y > /dev/null && echo done",
];

interface Job {
  number: number;
  command: string;
}

/** Runs a command to its end. If this is cancelled, it ends with its tree. */
async function execute(job: Job, display: Display): Promise<void> {
  await using process = await createSubprocessShell(job.command, {
    stdin: DEVNULL,
    stdout: PIPE,
    stderr: STDOUT, // in the order in which it was written
  });
  const running: Running = { ...job, since: performance.now(), line: "" };
  display.started(running);
  const output: Uint8Array<ArrayBuffer>[] = [];
  const decoder = new TextDecoder();
  for (;;) {
    const chunk = await process.stdout.read(65536);
    if (chunk.length === 0) break;
    output.push(chunk);
    const lines = decoder.decode(chunk, { stream: true }).trimEnd().split("\n");
    running.line = lines.at(-1)!;
  }
  const returncode = await process.wait();
  const bytes = await new Blob(output).bytes();
  display.ended(running, bytes, returncode);
}

/** Runs all commands. Returns how many have failed. */
async function runAll(commands: string[], jobs: number): Promise<number> {
  const display = new Display(commands.length);
  const queue = new Queue<Job>();
  for (const [index, command] of commands.entries()) {
    queue.putNowait({ number: index + 1, command });
  }
  queue.shutdown(); // the workers end when it is empty

  async function work(): Promise<void> {
    for (;;) {
      try {
        await execute(await queue.get(), display);
      } catch (error) {
        if (error instanceof QueueShutDown) return;
        throw error;
      }
    }
  }

  await taskGroup(async (group) => {
    const drawing = group.createTask(() => display.keepDrawing());
    await taskGroup(async (workers) => {
      for (let i = 0; i < jobs; i++) workers.createTask(work);
    });
    drawing.cancel();
  });
  return display.failed;
}

/** The lines of the standard input. */
async function readCommands(): Promise<string[]> {
  const commands: string[] = [];
  for await (const line of new StreamReader(Deno.stdin.readable).lines()) {
    if (line.trim() !== "") commands.push(line);
  }
  return commands;
}

function parse(): { commands: string[]; jobs: number } {
  const { values, positionals } = parseArgs({
    options: { jobs: { type: "string", short: "j", default: "3" } },
    allowPositionals: true,
  });
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1) {
    throw new TypeError(`--jobs must be a whole number: it is ${values.jobs}`);
  }
  return { commands: positionals, jobs };
}

let given: ReturnType<typeof parse>;
try {
  given = parse();
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  Deno.exit(2);
}
const isDemonstration = given.commands.length === 0;
const failed = await run(async () => {
  const { commands, jobs } = given;
  if (isDemonstration) return await runAll(DEMONSTRATION, jobs);
  const isInput = commands.length === 1 && commands[0] === "-";
  return await runAll(isInput ? await readCommands() : commands, jobs);
});
if (failed > 0 && !isDemonstration) Deno.exitCode = 1;
