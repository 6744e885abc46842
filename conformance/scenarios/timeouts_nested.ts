// Of nested timeouts, the one that expires is the one that throws.
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

const nest = coroutine(function* nest(outer: number, inner: number) {
  const loop = getRunningLoop();
  const start = loop.time();
  let outerScope: Timeout | undefined;
  let innerScope: Timeout | undefined;
  try {
    yield* timeout(outer, function* (scope: Timeout) {
      outerScope = scope;
      try {
        yield* timeout(inner, function* (scope: Timeout) {
          innerScope = scope;
          yield* sleep(60);
        });
      } catch (error) {
        if ((error as Error).name !== "TimeoutError") throw error;
        print("inner throws");
      }
      print(innerScope?.expired(), outerScope.expired());
      yield* sleep(60);
    });
  } catch {
    print("outer throws");
  }
  print(innerScope?.expired(), outerScope?.expired(), loop.time() - start);
});

function* main() {
  yield* nest(2, 1);
  yield* nest(1, 2);
  print(currentTask()?.cancelling());
}

await run(main);
