// Only coroutines become tasks.
// Derived from tasks_wrong_arguments.ts by `deno task conformance --record`.
import {
  type Awaitable,
  type CoroutineLike,
  createTask,
  ensureFuture,
  gather,
  getRunningLoop,
  isCoroutine,
  isFuture,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  for (const wrong of [1, "text", undefined, loop.createFuture()]) {
    try {
      createTask(wrong as unknown as CoroutineLike<unknown>);
    } catch (error) {
      if (error instanceof TypeError) print("TypeError");
    }
  }
  try {
    await gather(1 as unknown as Awaitable<unknown>);
  } catch (error) {
    if (error instanceof TypeError) print("TypeError from gather");
  }
  try {
    ensureFuture("text" as unknown as Awaitable<unknown>);
  } catch (error) {
    if (error instanceof TypeError) print("TypeError from ensure_future");
  }
  const task = createTask(sleep(0));
  print(isFuture(task), isCoroutine(task));
  await task;
}

await run(main);
