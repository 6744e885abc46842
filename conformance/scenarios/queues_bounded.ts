// A task that puts an item into a full queue waits until there is room.
import { coroutine, createTask, Queue, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const producer = coroutine(
  function* producer(queue: Queue<string>, name: string) {
    for (let number = 0; number < 3; number++) {
      yield* queue.put(`${name}${number}`);
      print("put", `${name}${number}`, queue.qsize());
    }
  },
);

function* main() {
  const queue = new Queue<string>(2);
  const tasks = [..."ab"].map((name) => createTask(producer(queue, name)));
  yield* sleep(1);
  print(queue.full(), queue.maxsize);
  try {
    queue.putNowait("too much");
  } catch (error) {
    print(repr(error));
  }
  for (let i = 0; i < 6; i++) {
    print("got", yield* queue.get());
    yield* sleep(1);
  }
  try {
    queue.getNowait();
  } catch (error) {
    print(repr(error));
  }
  print(tasks.map((task) => task.done()));
}

await run(main);
