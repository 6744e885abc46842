// read() gives what there is, takes no turn if it can, and ends at the end.
import { createTask, getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  const reader = new StreamReader();
  reader.feedData("hello world");
  loop.callSoon(print, "a turn");
  print(yield* reader.read(5), yield* reader.read(0), yield* reader.read(1));
  yield* sleep(0);
  let task = createTask(reader.read(100));
  print(yield* task);
  task = createTask(reader.read(3));
  yield* sleep(1);
  print(task.done());
  loop.callLater(1, () => reader.feedData(""));
  loop.callLater(2, () => reader.feedData("late data"));
  print(yield* task, loop.time());
  task = createTask(reader.read());
  loop.callLater(1, () => reader.feedData(" and more"));
  loop.callLater(2, () => reader.feedEof());
  print(yield* task, loop.time(), reader.atEof());
  print(yield* reader.read(), yield* reader.read(7), yield* reader.read(0));
}

await run(main);
