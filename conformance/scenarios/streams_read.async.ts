// read() gives what there is, takes no turn if it can, and ends at the end.
// Derived from streams_read.ts by `deno task conformance --record`.
import { createTask, getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const reader = new StreamReader();
  reader.feedData("hello world");
  loop.callSoon(print, "a turn");
  print(await reader.read(5), await reader.read(0), await reader.read(1));
  await sleep(0);
  let task = createTask(reader.read(100));
  print(await task);
  task = createTask(reader.read(3));
  await sleep(1);
  print(task.done());
  loop.callLater(1, () => reader.feedData(""));
  loop.callLater(2, () => reader.feedData("late data"));
  print(await task, loop.time());
  task = createTask(reader.read());
  loop.callLater(1, () => reader.feedData(" and more"));
  loop.callLater(2, () => reader.feedEof());
  print(await task, loop.time(), reader.atEof());
  print(await reader.read(), await reader.read(7), await reader.read(0));
}

await run(main);
