// A semaphore admits a limited number of tasks, in order of arrival.
// Derived from locks_semaphore.ts by `deno task conformance --record`.
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

const work = coroutine(async function work(semaphore: Semaphore, name: string) {
  {
    using _ = await semaphore.acquire();
    print(name, "in", getRunningLoop().time());
    await sleep(1);
  }
  print(name, "out");
});

async function main() {
  const semaphore = new Semaphore(2);
  await gather([..."abcde"].map((name) => work(semaphore, name)));
  print(semaphore.locked());
  const empty = new Semaphore(0);
  print(empty.locked());
  const task = createTask(work(empty, "late"));
  await sleep(0);
  empty.release();
  empty.release();
  print(empty.locked());
  await task;
  await empty.acquire();
  await empty.acquire();
  print(empty.locked());
  try {
    new Semaphore(-1);
  } catch (error) {
    if (error instanceof RangeError) print("RangeError");
  }
}

await run(main);
