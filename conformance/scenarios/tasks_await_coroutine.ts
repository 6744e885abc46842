// Awaiting a coroutine runs it in the same task, without a turn in between.
import {
  type Coroutine,
  coroutine,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const immediate: (depth: number) => Coroutine<number> = coroutine(
  function* (depth: number) {
    if (depth > 0) return (yield* immediate(depth - 1)) + 1;
    return 0;
  },
);

const later: (depth: number) => Coroutine<number> = coroutine(
  function* (depth: number) {
    if (depth > 0) return (yield* later(depth - 1)) + 1;
    yield* sleep(0);
    return 0;
  },
);

function* main() {
  const loop = getRunningLoop();
  const coro = immediate(3);
  loop.callSoon(print, "callback");
  print(yield* coro, "before the callback");
  print(yield* later(3), "after it");
  try {
    yield* coro;
  } catch (error) {
    print((error as Error).message.split(":")[0]);
  }
}

await run(main);
