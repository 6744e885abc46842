// A task can wait for a condition until a predicate is true.
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
  function* consumer(condition: Condition, name: string, count: number) {
    using _ = yield* condition.acquire();
    const enough = yield* condition.waitFor(() => items.length >= count);
    print(name, enough, items, getRunningLoop().time());
  },
);

function* main() {
  const condition = new Condition();
  yield* taskGroup(function* (tg: TaskGroup) {
    tg.createTask(consumer(condition, "two", 2));
    tg.createTask(consumer(condition, "one", 1));
    for (let number = 0; number < 3; number++) {
      yield* sleep(1);
      using _ = yield* condition.acquire();
      items.push(number);
      condition.notifyAll();
    }
  });
  yield* consumer(condition, "at once", 3);
}

await run(main);
