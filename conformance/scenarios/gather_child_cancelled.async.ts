// A child that is cancelled counts as a failure, and does not cancel the rest.
// Derived from gather_child_cancelled.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work(seconds: number, name: string) {
  await sleep(seconds);
  print(name, "ends");
});

async function main() {
  const loop = getRunningLoop();
  const first = createTask(work(60, "first"));
  const second = createTask(work(2, "second"));
  const future = gather(first, second);
  loop.callLater(1, () => first.cancel("only this one"));
  try {
    await future;
  } catch (error) {
    print(repr(error), loop.time());
  }
  print(future.cancelled(), currentTask()?.cancelling());
  try {
    future.exception();
  } catch {
    print("exception() throws");
  }
  await second;
}

await run(main);
