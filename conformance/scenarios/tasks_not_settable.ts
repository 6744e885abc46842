// A task ends only with its coroutine.
import { createTask, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const task = createTask(sleep(1, "slept"));
  try {
    task.setResult("other");
  } catch (error) {
    print(error);
  }
  try {
    task.setException(new RangeError());
  } catch (error) {
    print(error);
  }
  print(yield* task);
}

await run(main);
