// A Runner runs several coroutines one after another in one loop.
// Derived from run_runner.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  Runner,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work(name: string) {
  await sleep(1);
  return [name, getRunningLoop()] as const;
});

const fail = coroutine(async function fail() {
  throw new RangeError("no luck");
});

const background = coroutine(async function background() {
  try {
    await sleep(60);
  } finally {
    print("background cancelled");
  }
});

const startBackground = coroutine(async function startBackground() {
  createTask(background());
  await sleep(0);
});

const runner = new Runner();
let [name, loop] = await runner.run(work("first"));
print(name, loop === runner.getLoop());
try {
  await runner.run(fail());
} catch (error) {
  print(repr(error));
}
await runner.run(startBackground());
[name, loop] = await runner.run(work("second"));
print(name, loop === runner.getLoop(), loop.time());
print("leaving");
await runner.close();
print(loop.isClosed());
try {
  runner.getLoop();
} catch (error) {
  print(error);
}
