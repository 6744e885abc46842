// A queue that is shut down refuses new items, and returns those that are left.
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
  function* attempt(name: string, coro: Coroutine<unknown>) {
    try {
      print(name, yield* coro);
    } catch (error) {
      print(name, (error as Error).name);
    }
  },
);

function* main() {
  const queue = new Queue<string>(2);
  queue.putNowait("one");
  queue.putNowait("two");
  const putter = createTask(attempt("putter", queue.put("three")));
  yield* sleep(1);
  queue.shutdown();
  queue.shutdown();
  yield* putter;
  try {
    queue.putNowait("four");
  } catch {
    print("put_nowait refused");
  }
  yield* attempt("get", queue.get());
  print(queue.getNowait());
  yield* attempt("get", queue.get());
  const empty = new Queue();
  const getters = [..."ab"].map((name) =>
    createTask(attempt(name, empty.get()))
  );
  yield* sleep(1);
  empty.shutdown();
  yield* wait(getters);
  queue.taskDone();
  queue.taskDone();
  yield* queue.join();
  print("joined");
}

await run(main);
