// Cancelling a task that waits for a queue loses no item and no free slot.
// Derived from queues_cancel.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  Queue,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const getter = coroutine(
  async function getter(queue: Queue<string>, name: string) {
    try {
      print(name, "got", await queue.get());
    } catch (error) {
      print(name, "cancelled");
      throw error;
    }
  },
);

const putter = coroutine(
  async function putter(queue: Queue<string>, item: string) {
    await queue.put(item);
    print("put", item);
  },
);

async function main() {
  const queue = new Queue<string>(1);
  const getters = [..."abc"].map((name) => createTask(getter(queue, name)));
  await sleep(1);
  // The first getter is cancelled after it was woken for the first item.
  queue.putNowait("one");
  getters[0].cancel();
  await sleep(1);
  await queue.put("two");
  await wait(getters);
  await queue.put("fill");
  const putters = [..."xyz"].map((item) => createTask(putter(queue, item)));
  await sleep(1);
  print(queue.getNowait());
  putters[0].cancel();
  await sleep(1);
  print(await queue.get(), await queue.get(), queue.qsize());
  await wait(putters);
  print(putters.map((task) => task.cancelled()), queue.qsize());
}

await run(main);
