// Tasks that wait for one future wake in the order in which they began to wait.
import {
  coroutine,
  createTask,
  type Future,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const waiter = coroutine(
  function* waiter(name: string, future: Future<string>) {
    print(name, "waits");
    print(name, "got", yield* future);
  },
);

function* main() {
  const loop = getRunningLoop();
  const future = loop.createFuture<string>();
  const tasks = [..."abc"].map((name) => createTask(waiter(name, future)));
  yield* sleep(0);
  future.addDoneCallback(() => print("callback"));
  tasks[1].cancel();
  yield* sleep(0);
  // The future was cancelled with the task that waited for it.
  print(future.cancelled());
  for (const task of tasks) print(task.done(), task.cancelled());
  yield* wait(tasks);
  for (const task of tasks) print(task.cancelled());
}

await run(main);
