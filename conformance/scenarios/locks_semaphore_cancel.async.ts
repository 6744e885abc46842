// A permit that was handed to a cancelled waiter goes to the next one.
// Derived from locks_semaphore_cancel.ts by `deno task conformance --record`.
import {
  BoundedSemaphore,
  coroutine,
  createTask,
  run,
  Semaphore,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(semaphore: Semaphore, name: string) {
  try {
    using _ = await semaphore.acquire();
    print(name, "in");
    await sleep(1);
  } catch (error) {
    print(name, "cancelled");
    throw error;
  }
});

async function main() {
  const semaphore = new Semaphore(1);
  await semaphore.acquire();
  const [a, b, c] = [..."abc"].map((name) => createTask(work(semaphore, name)));
  await sleep(0);
  semaphore.release();
  a.cancel();
  print(semaphore.locked());
  await sleep(0.5);
  c.cancel();
  await wait([a, b, c]);
  print(a.cancelled(), b.cancelled(), c.cancelled(), semaphore.locked());
  const bounded = new BoundedSemaphore(1);
  await bounded.acquire();
  print(bounded.locked());
  bounded.release();
  try {
    bounded.release();
  } catch (error) {
    print(error);
  }
}

await run(main);
