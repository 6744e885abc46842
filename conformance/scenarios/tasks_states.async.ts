// A task is pending until its coroutine has ended.
// Derived from tasks_states.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work() {
  print("work begins");
  await sleep(1);
  return "result";
});

async function main() {
  const task = createTask(work());
  print(task.done(), task.cancelled(), task.cancelling());
  try {
    task.result();
  } catch (error) {
    print((error as Error).name);
  }
  await sleep(0.5);
  try {
    task.exception();
  } catch (error) {
    print((error as Error).name);
  }
  print(await task);
  print(task.done(), task.cancelled(), task.result(), task.exception());
  print(task.cancel(), task.cancelled());
}

await run(main);
