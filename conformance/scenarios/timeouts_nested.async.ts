// Of nested timeouts, the one that expires is the one that throws.
// Derived from timeouts_nested.ts by `deno task conformance --record`.
import {
  coroutine,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  type Timeout,
  timeout,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const nest = coroutine(async function nest(outer: number, inner: number) {
  const loop = getRunningLoop();
  const start = loop.time();
  let outerScope: Timeout | undefined;
  let innerScope: Timeout | undefined;
  try {
    await timeout(outer, async function (scope: Timeout) {
      outerScope = scope;
      try {
        await timeout(inner, async function (scope: Timeout) {
          innerScope = scope;
          await sleep(60);
        });
      } catch (error) {
        if ((error as Error).name !== "TimeoutError") throw error;
        print("inner throws");
      }
      print(innerScope?.expired(), outerScope.expired());
      await sleep(60);
    });
  } catch {
    print("outer throws");
  }
  print(innerScope?.expired(), outerScope?.expired(), loop.time() - start);
});

async function main() {
  await nest(2, 1);
  await nest(1, 2);
  print(currentTask()?.cancelling());
}

await run(main);
