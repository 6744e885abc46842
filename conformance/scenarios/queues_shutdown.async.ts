// A queue that is shut down refuses new items, and returns those that are left.
// Derived from queues_shutdown.ts by `deno task conformance --record`.
import {
  type Coroutine,
  coroutine,
  createTask,
  Queue,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const attempt = coroutine(
  async function attempt(name: string, coro: Coroutine<unknown>) {
    try {
      print(name, await coro);
    } catch (error) {
      print(name, (error as Error).name);
    }
  },
);

async function main() {
  const queue = new Queue<string>(2);
  queue.putNowait("one");
  queue.putNowait("two");
  const putter = createTask(attempt("putter", queue.put("three")));
  await sleep(1);
  queue.shutdown();
  queue.shutdown();
  await putter;
  try {
    queue.putNowait("four");
  } catch {
    print("put_nowait refused");
  }
  await attempt("get", queue.get());
  print(queue.getNowait());
  await attempt("get", queue.get());
  const empty = new Queue();
  const getters = [..."ab"].map((name) =>
    createTask(attempt(name, empty.get()))
  );
  await sleep(1);
  empty.shutdown();
  await wait(getters);
  queue.taskDone();
  queue.taskDone();
  await queue.join();
  print("joined");
}

await run(main);
