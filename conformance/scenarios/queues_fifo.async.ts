// A queue delivers its items in order, to its waiters in order.
// Derived from queues_fifo.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  Queue,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const consumer = coroutine(
  async function consumer(queue: Queue<unknown>, name: string) {
    while (true) {
      const item = await queue.get();
      print(name, "got", item);
      queue.taskDone();
    }
  },
);

async function main() {
  const queue = new Queue<unknown>();
  const consumers = [..."ab"].map((name) => createTask(consumer(queue, name)));
  await sleep(1);
  for (let item = 0; item < 5; item++) queue.putNowait(item);
  print(queue.qsize(), queue.empty(), queue.full(), queue.maxsize);
  await queue.join();
  print("joined", queue.qsize());
  await queue.put("last");
  await queue.join();
  for (const task of consumers) task.cancel();
  await wait(consumers as typeof consumers[number][]);
  try {
    queue.taskDone();
  } catch (error) {
    print(error);
  }
}

await run(main);
