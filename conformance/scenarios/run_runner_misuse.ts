// A Runner refuses values that cannot run, and calls at the wrong time.
import { coroutine, type CoroutineLike, Runner, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work() {
  return "fine";
});

const nested = coroutine(function* nested(runner: Runner) {
  const coro = work();
  runner.run(coro).catch((error) => print(error));
  coro.close();
  yield* sleep(0); // run() returns a promise, which is rejected a little later
});

const runner = new Runner();
print(await runner.run(work()));
await runner.run(nested(runner));
for (const wrong of [1, "text"]) {
  try {
    await runner.run(wrong as unknown as CoroutineLike<unknown>);
  } catch {
    print("refused");
  }
}
await runner.close();
await runner.close();
const coro = work();
try {
  await runner.run(coro);
} catch (error) {
  print(error);
  coro.close();
}
