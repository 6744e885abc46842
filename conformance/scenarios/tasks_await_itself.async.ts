// A task that waits for itself gets an error.
// Derived from tasks_await_itself.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work() {
  try {
    await currentTask()!;
  } catch (error) {
    print((error as Error).message.split(":")[0]);
  }
  await sleep(1);
  return "fine";
});

async function main() {
  print(await createTask(work()));
}

await run(main);
