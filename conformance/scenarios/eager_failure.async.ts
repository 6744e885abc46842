// An eager task that fails at once throws its exception where it is awaited.
// Derived from eager_failure.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail() {
  throw new RangeError("at once");
});

const cancels = coroutine(async function cancels() {
  currentTask()?.cancel("itself");
  await sleep(0);
});

async function main() {
  const failing = createTask(fail(), { eagerStart: true });
  try {
    await failing;
  } catch (error) {
    print(repr(error));
  }
  let task = createTask(cancels(), { eagerStart: true });
  print(task.done(), task.cancelling());
  await wait([task]);
  print(task.cancelled());
  task = createTask(sleep(60), { eagerStart: true });
  task.cancel("after its first step");
  try {
    await task;
  } catch (error) {
    print(repr(error));
  }
}

await run(main);
