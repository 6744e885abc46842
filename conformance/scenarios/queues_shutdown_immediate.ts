// An immediate shutdown empties the queue and wakes all its waiters.
import {
  coroutine,
  createTask,
  Queue,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const joiner = coroutine(function* joiner(queue: Queue<unknown>) {
  yield* queue.join();
  print("joined");
});

const putter = coroutine(function* putter(queue: Queue<unknown>) {
  try {
    yield* queue.put("never");
  } catch (error) {
    print("put:", (error as Error).name);
  }
});

function* main() {
  const queue = new Queue<unknown>(2);
  queue.putNowait(1);
  queue.putNowait(2);
  const tasks = [createTask(joiner(queue)), createTask(putter(queue))];
  yield* sleep(1);
  queue.shutdown(true);
  print(queue.qsize(), queue.empty());
  yield* wait(tasks);
  try {
    yield* queue.get();
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
