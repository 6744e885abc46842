// The waiter of a shield is cancelled; the shielded task keeps running.
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

const work = coroutine(function* work() {
  try {
    yield* sleep(2);
    print("work ends");
    return "result";
  } catch {
    print("never");
  }
});

const waiter = coroutine(function* waiter(task: Task<string | undefined>) {
  try {
    print(yield* shield(task));
  } catch (error) {
    print("waiter", repr(error), task.cancelling());
    throw error;
  }
});

function* main() {
  const inner = createTask(work());
  const outer = createTask(waiter(inner));
  yield* sleep(1);
  outer.cancel("enough");
  yield* wait([outer]);
  print(outer.cancelled(), inner.done());
  print(yield* inner, yield* shield(inner));
}

await run(main);
