// Sleeping tasks wake by deadline, and sleep() returns its result.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const nap = coroutine(function* nap(seconds: number, name: string) {
  const result = yield* sleep(seconds, name);
  print(result, getRunningLoop().time());
  return result;
});

function* main() {
  const tasks = [
    createTask(nap(3, "c")),
    createTask(nap(1, "a")),
    createTask(nap(2, "b")),
    createTask(nap(0, "now")),
  ];
  print(yield* sleep(2.5, "main"));
  print(tasks.map((task) => task.done()));
  yield* tasks[0];
  print(yield* sleep(0), yield* sleep(-1, "past"));
}

await run(main);
