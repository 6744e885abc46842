// A permit that was handed to a cancelled waiter goes to the next one.
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

const work = coroutine(function* work(semaphore: Semaphore, name: string) {
  try {
    using _ = yield* semaphore.acquire();
    print(name, "in");
    yield* sleep(1);
  } catch (error) {
    print(name, "cancelled");
    throw error;
  }
});

function* main() {
  const semaphore = new Semaphore(1);
  yield* semaphore.acquire();
  const [a, b, c] = [..."abc"].map((name) => createTask(work(semaphore, name)));
  yield* sleep(0);
  semaphore.release();
  a.cancel();
  print(semaphore.locked());
  yield* sleep(0.5);
  c.cancel();
  yield* wait([a, b, c]);
  print(a.cancelled(), b.cancelled(), c.cancelled(), semaphore.locked());
  const bounded = new BoundedSemaphore(1);
  yield* bounded.acquire();
  print(bounded.locked());
  bounded.release();
  try {
    bounded.release();
  } catch (error) {
    print(error);
  }
}

await run(main);
