// wait() ends after its timeout, without an error, and cancels nothing.
// Derived from wait_timeout.ts by `deno task conformance --record`.
import { createTask, getRunningLoop, run, sleep, wait } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const tasks = [1, 4].map((n) => createTask(sleep(n, n)));
  let [done, pending] = await wait(tasks, { timeout: 2 });
  print(done.size, pending.size, loop.time());
  [done, pending] = await wait(pending, { timeout: 0 });
  print(done.size, pending.size, loop.time());
  [done, pending] = await wait(pending, { timeout: null });
  print(done.size, pending.size, loop.time());
  print(tasks.map((task) => task.cancelled()));
}

await run(main);
