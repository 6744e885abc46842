// A wait that is cancelled does nothing to the process, nor to other waits.
import { createTask, gather, run, sleep } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

function* main() {
  const process = yield* createSubprocessExec("cat", [], { stdin: PIPE });
  const tasks = [0, 1, 2].map(() => createTask(process.wait()));
  for (const task of tasks) {
    task.addDoneCallback((done) =>
      print(tasks.indexOf(done), done.cancelled())
    );
  }
  yield* sleep(0);
  tasks[1].cancel();
  yield* sleep(0);
  yield* sleep(0);
  print(process.returncode, tasks[1].cancel());
  process.kill();
  print(yield* process.wait());
  const results = yield* gather(tasks[0], tasks[2]);
  yield* sleep(0);
  print(results);
}

await run(main);
