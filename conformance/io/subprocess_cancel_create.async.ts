// A task that is cancelled while it starts a process, or with one, ends.
// Derived from subprocess_cancel_create.ts by `deno task conformance --record`.
import { CancelledError, createTask, run, sleep } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

async function start() {
  const process = await createSubprocessExec("sleep", ["0.1"], {
    stdout: PIPE,
  });
  await process.wait();
}

async function main() {
  for (let turns = 0; turns < 4; turns++) {
    const task = createTask(start);
    for (let turn = 0; turn < turns; turn++) await sleep(0);
    task.cancel();
    try {
      await task;
    } catch (error) {
      if (error instanceof CancelledError) print("cancelled");
    }
  }
}

await run(main);
