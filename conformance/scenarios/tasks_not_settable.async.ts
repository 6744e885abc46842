// A task ends only with its coroutine.
// Derived from tasks_not_settable.ts by `deno task conformance --record`.
import { createTask, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
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
  print(await task);
}

await run(main);
