// A cancellation that the awaited task suppresses goes no further.
// Derived from cancel_child_suppresses.ts by `deno task conformance --record`.
import {
  CancelledError,
  coroutine,
  createTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const child = coroutine(async function child() {
  try {
    await sleep(60);
  } catch (error) {
    if (error instanceof CancelledError) print("child says no");
  }
  return "child result";
});

const parent = coroutine(async function parent() {
  const result = await createTask(child());
  print("parent got", result);
  await sleep(1);
  return "parent result";
});

async function main() {
  const task = createTask(parent());
  await sleep(1);
  task.cancel();
  print(await task, task.cancelling(), task.cancelled());
}

await run(main);
