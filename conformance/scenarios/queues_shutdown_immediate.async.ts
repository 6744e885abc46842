// An immediate shutdown empties the queue and wakes all its waiters.
// Derived from queues_shutdown_immediate.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  Queue,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const joiner = coroutine(async function joiner(queue: Queue<unknown>) {
  await queue.join();
  print("joined");
});

const putter = coroutine(async function putter(queue: Queue<unknown>) {
  try {
    await queue.put("never");
  } catch (error) {
    print("put:", (error as Error).name);
  }
});

async function main() {
  const queue = new Queue<unknown>(2);
  queue.putNowait(1);
  queue.putNowait(2);
  const tasks = [createTask(joiner(queue)), createTask(putter(queue))];
  await sleep(1);
  queue.shutdown(true);
  print(queue.qsize(), queue.empty());
  await wait(tasks);
  try {
    await queue.get();
  } catch (error) {
    print("get:", (error as Error).name);
  }
  try {
    queue.getNowait();
  } catch {
    print("get_nowait refused");
  }
}

await run(main);
