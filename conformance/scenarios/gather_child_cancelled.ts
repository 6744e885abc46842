// A child that is cancelled counts as a failure, and does not cancel the rest.
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

const work = coroutine(function* work(seconds: number, name: string) {
  yield* sleep(seconds);
  print(name, "ends");
});

function* main() {
  const loop = getRunningLoop();
  const first = createTask(work(60, "first"));
  const second = createTask(work(2, "second"));
  const future = gather(first, second);
  loop.callLater(1, () => first.cancel("only this one"));
  try {
    yield* future;
  } catch (error) {
    print(repr(error), loop.time());
  }
  print(future.cancelled(), currentTask()?.cancelling());
  try {
    future.exception();
  } catch {
    print("exception() throws");
  }
  yield* second;
}

await run(main);
