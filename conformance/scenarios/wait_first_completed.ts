// wait() can end with the first future that is done, and cancels nothing.
import {
  createTask,
  FIRST_COMPLETED,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  const tasks = [3, 1, 2].map((n) => createTask(sleep(n, n)));
  let [done, pending] = yield* wait(tasks, { returnWhen: FIRST_COMPLETED });
  print([...done].map((task) => task.result()), pending.size, loop.time());
  [done, pending] = yield* wait(pending, { returnWhen: FIRST_COMPLETED });
  print([...done].map((task) => task.result()), pending.size, loop.time());
  [done, pending] = yield* wait(tasks);
  print(done.size, pending.size, loop.time());
  loop.callSoon(print, "no turn for this");
  [done, pending] = yield* wait(tasks, { returnWhen: FIRST_COMPLETED });
  print(done.size, pending.size);
}

await run(main);
