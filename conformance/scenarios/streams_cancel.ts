// A read that is cancelled takes nothing, also when it was woken already.
import {
  createTask,
  run,
  sleep,
  timeout,
  TimeoutError,
  wait,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

function* main() {
  const reader = new StreamReader();
  reader.feedData("ab");
  let task = createTask(reader.readline());
  yield* sleep(0);
  task.cancel();
  yield* wait([task]);
  print(task.cancelled(), reader);
  task = createTask(reader.readline());
  yield* sleep(0);
  reader.feedData("cd\n");
  task.cancel();
  yield* wait([task]);
  print(task.cancelled(), reader);
  print(yield* reader.readline());
  try {
    yield* timeout(1, function* () {
      yield* reader.readexactly(3);
    });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    print("timeout");
  }
  reader.feedData("xyz");
  print(yield* reader.readexactly(3));
  task = createTask(reader.read(1));
  task.cancel();
  reader.feedData("!");
  yield* wait([task]);
  print(task.cancelled(), yield* reader.read(1));
}

await run(main);
