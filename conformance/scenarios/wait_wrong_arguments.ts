// wait() accepts futures and tasks only, and at least one.
import {
  coroutine,
  createTask,
  type Future,
  run,
  sleep,
  wait,
  type WaitOptions,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const attempt = coroutine(
  function* attempt(argument: unknown, options?: WaitOptions) {
    try {
      yield* wait(argument as Future<void>[], options);
    } catch (error) {
      print((error as Error).name);
    }
  },
);

function* main() {
  const task = createTask(sleep(1));
  const coro = sleep(1);
  yield* attempt([]);
  yield* attempt([coro]);
  yield* attempt(task);
  yield* attempt([task], { returnWhen: "SOMETIMES" as "ALL_COMPLETED" });
  coro.close();
  const [done, pending] = yield* wait(new Set([task, task]));
  print(done.size, pending.size);
}

await run(main);
