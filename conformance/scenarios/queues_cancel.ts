// Cancelling a task that waits for a queue loses no item and no free slot.
import {
  coroutine,
  createTask,
  Queue,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const getter = coroutine(function* getter(queue: Queue<string>, name: string) {
  try {
    print(name, "got", yield* queue.get());
  } catch (error) {
    print(name, "cancelled");
    throw error;
  }
});

const putter = coroutine(function* putter(queue: Queue<string>, item: string) {
  yield* queue.put(item);
  print("put", item);
});

function* main() {
  const queue = new Queue<string>(1);
  const getters = [..."abc"].map((name) => createTask(getter(queue, name)));
  yield* sleep(1);
  // The first getter is cancelled after it was woken for the first item.
  queue.putNowait("one");
  getters[0].cancel();
  yield* sleep(1);
  yield* queue.put("two");
  yield* wait(getters);
  yield* queue.put("fill");
  const putters = [..."xyz"].map((item) => createTask(putter(queue, item)));
  yield* sleep(1);
  print(queue.getNowait());
  putters[0].cancel();
  yield* sleep(1);
  print(yield* queue.get(), yield* queue.get(), queue.qsize());
  yield* wait(putters);
  print(putters.map((task) => task.cancelled()), queue.qsize());
}

await run(main);
