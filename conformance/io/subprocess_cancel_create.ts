// A task that is cancelled while it starts a process, or with one, ends.
import { CancelledError, createTask, run, sleep } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

function* start() {
  const process = yield* createSubprocessExec("sleep", ["0.1"], {
    stdout: PIPE,
  });
  yield* process.wait();
}

function* main() {
  for (let turns = 0; turns < 4; turns++) {
    const task = createTask(start);
    for (let turn = 0; turn < turns; turn++) yield* sleep(0);
    task.cancel();
    try {
      yield* task;
    } catch (error) {
      if (error instanceof CancelledError) print("cancelled");
    }
  }
}

await run(main);
