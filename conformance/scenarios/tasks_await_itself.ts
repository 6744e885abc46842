// A task that waits for itself gets an error.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work() {
  try {
    yield* currentTask()!;
  } catch (error) {
    print((error as Error).message.split(":")[0]);
  }
  yield* sleep(1);
  return "fine";
});

function* main() {
  print(yield* createTask(work()));
}

await run(main);
