// Awaiting a coroutine runs it in the same task, without a turn in between.
// Derived from tasks_await_coroutine.ts by `deno task conformance --record`.
import {
  type Coroutine,
  coroutine,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const immediate: (depth: number) => Coroutine<number> = coroutine(
  async function (depth: number) {
    if (depth > 0) return (await immediate(depth - 1)) + 1;
    return 0;
  },
);

const later: (depth: number) => Coroutine<number> = coroutine(
  async function (depth: number) {
    if (depth > 0) return (await later(depth - 1)) + 1;
    await sleep(0);
    return 0;
  },
);

async function main() {
  const loop = getRunningLoop();
  const coro = immediate(3);
  loop.callSoon(print, "callback");
  print(await coro, "before the callback");
  print(await later(3), "after it");
  try {
    await coro;
  } catch (error) {
    print((error as Error).message.split(":")[0]);
  }
}

await run(main);
