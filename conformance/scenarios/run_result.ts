// run() returns the result, or throws the error that the coroutine throws.
import { coroutine, currentTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const result = coroutine(function* result() {
  yield* sleep(1);
  return "result";
});

const fail = coroutine(function* fail() {
  yield* sleep(1);
  throw new RangeError("no luck");
});

const cancelled = coroutine(function* cancelled() {
  currentTask()?.cancel("by itself");
  yield* sleep(1);
});

const nested = coroutine(function* nested() {
  const coro = result();
  run(coro).catch((error) => print(error));
  coro.close();
  yield* sleep(0); // run() returns a promise, which is rejected a little later
});

print(await run(result()));
for (const main of [fail, cancelled]) {
  try {
    await run<unknown>(main());
  } catch (error) {
    print(repr(error));
  }
}
await run(nested());
