// run() returns the result, or throws the error that the coroutine throws.
// Derived from run_result.ts by `deno task conformance --record`.
import { coroutine, currentTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const result = coroutine(async function result() {
  await sleep(1);
  return "result";
});

const fail = coroutine(async function fail() {
  await sleep(1);
  throw new RangeError("no luck");
});

const cancelled = coroutine(async function cancelled() {
  currentTask()?.cancel("by itself");
  await sleep(1);
});

const nested = coroutine(async function nested() {
  const coro = result();
  run(coro).catch((error) => print(error));
  coro.close();
  await sleep(0); // run() returns a promise, which is rejected a little later
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
