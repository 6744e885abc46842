// A task can wait for a condition until a predicate is true.
// Derived from locks_condition_wait_for.ts by `deno task conformance --record`.
import {
  Condition,
  coroutine,
  getRunningLoop,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const items: number[] = [];

const consumer = coroutine(
  async function consumer(condition: Condition, name: string, count: number) {
    using _ = await condition.acquire();
    const enough = await condition.waitFor(() => items.length >= count);
    print(name, enough, items, getRunningLoop().time());
  },
);

async function main() {
  const condition = new Condition();
  await taskGroup(async function (tg: TaskGroup) {
    tg.createTask(consumer(condition, "two", 2));
    tg.createTask(consumer(condition, "one", 1));
    for (let number = 0; number < 3; number++) {
      await sleep(1);
      using _ = await condition.acquire();
      items.push(number);
      condition.notifyAll();
    }
  });
  await consumer(condition, "at once", 3);
}

await run(main);
