// A task is pending until its coroutine has ended.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work() {
  print("work begins");
  yield* sleep(1);
  return "result";
});

function* main() {
  const task = createTask(work());
  print(task.done(), task.cancelled(), task.cancelling());
  try {
    task.result();
  } catch (error) {
    print((error as Error).name);
  }
  yield* sleep(0.5);
  try {
    task.exception();
  } catch (error) {
    print((error as Error).name);
  }
  print(yield* task);
  print(task.done(), task.cancelled(), task.result(), task.exception());
  print(task.cancel(), task.cancelled());
}

await run(main);
