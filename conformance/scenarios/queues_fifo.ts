// A queue delivers its items in order, to its waiters in order.
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
  function* consumer(queue: Queue<unknown>, name: string) {
    while (true) {
      const item = yield* queue.get();
      print(name, "got", item);
      queue.taskDone();
    }
  },
);

function* main() {
  const queue = new Queue<unknown>();
  const consumers = [..."ab"].map((name) => createTask(consumer(queue, name)));
  yield* sleep(1);
  for (let item = 0; item < 5; item++) queue.putNowait(item);
  print(queue.qsize(), queue.empty(), queue.full(), queue.maxsize);
  yield* queue.join();
  print("joined", queue.qsize());
  yield* queue.put("last");
  yield* queue.join();
  for (const task of consumers) task.cancel();
  yield* wait(consumers as typeof consumers[number][]);
  try {
    queue.taskDone();
  } catch (error) {
    print(error);
  }
}

await run(main);
