// A wait that is cancelled does nothing to the process, nor to other waits.
// Derived from subprocess_cancel_wait.ts by `deno task conformance --record`.
import { createTask, gather, run, sleep } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

async function main() {
  const process = await createSubprocessExec("cat", [], { stdin: PIPE });
  const tasks = [0, 1, 2].map(() => createTask(process.wait()));
  for (const task of tasks) {
    task.addDoneCallback((done) =>
      print(tasks.indexOf(done), done.cancelled())
    );
  }
  await sleep(0);
  tasks[1].cancel();
  await sleep(0);
  await sleep(0);
  print(process.returncode, tasks[1].cancel());
  process.kill();
  print(await process.wait());
  const results = await gather(tasks[0], tasks[2]);
  await sleep(0);
  print(results);
}

await run(main);
