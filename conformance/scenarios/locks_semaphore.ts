// A semaphore admits a limited number of tasks, in order of arrival.
import {
  coroutine,
  createTask,
  gather,
  getRunningLoop,
  run,
  Semaphore,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(semaphore: Semaphore, name: string) {
  {
    using _ = yield* semaphore.acquire();
    print(name, "in", getRunningLoop().time());
    yield* sleep(1);
  }
  print(name, "out");
});

function* main() {
  const semaphore = new Semaphore(2);
  yield* gather([..."abcde"].map((name) => work(semaphore, name)));
  print(semaphore.locked());
  const empty = new Semaphore(0);
  print(empty.locked());
  const task = createTask(work(empty, "late"));
  yield* sleep(0);
  empty.release();
  empty.release();
  print(empty.locked());
  yield* task;
  yield* empty.acquire();
  yield* empty.acquire();
  print(empty.locked());
  try {
    new Semaphore(-1);
  } catch (error) {
    if (error instanceof RangeError) print("RangeError");
  }
}

await run(main);
