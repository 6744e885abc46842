// wait() accepts futures and tasks only, and at least one.
// Derived from wait_wrong_arguments.ts by `deno task conformance --record`.
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
  async function attempt(argument: unknown, options?: WaitOptions) {
    try {
      await wait(argument as Future<void>[], options);
    } catch (error) {
      print((error as Error).name);
    }
  },
);

async function main() {
  const task = createTask(sleep(1));
  const coro = sleep(1);
  await attempt([]);
  await attempt([coro]);
  await attempt(task);
  await attempt([task], { returnWhen: "SOMETIMES" as "ALL_COMPLETED" });
  coro.close();
  const [done, pending] = await wait(new Set([task, task]));
  print(done.size, pending.size);
}

await run(main);
