// The waiter of a shield is cancelled; the shielded task keeps running.
// Derived from shield_cancelled_outside.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  run,
  shield,
  sleep,
  type Task,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  try {
    await sleep(2);
    print("work ends");
    return "result";
  } catch {
    print("never");
  }
});

const waiter = coroutine(async function waiter(task: Task<string | undefined>) {
  try {
    print(await shield(task));
  } catch (error) {
    print("waiter", repr(error), task.cancelling());
    throw error;
  }
});

async function main() {
  const inner = createTask(work());
  const outer = createTask(waiter(inner));
  await sleep(1);
  outer.cancel("enough");
  await wait([outer]);
  print(outer.cancelled(), inner.done());
  print(await inner, await shield(inner));
}

await run(main);
