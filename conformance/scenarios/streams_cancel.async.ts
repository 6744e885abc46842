// A read that is cancelled takes nothing, also when it was woken already.
// Derived from streams_cancel.ts by `deno task conformance --record`.
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

async function main() {
  const reader = new StreamReader();
  reader.feedData("ab");
  let task = createTask(reader.readline());
  await sleep(0);
  task.cancel();
  await wait([task]);
  print(task.cancelled(), reader);
  task = createTask(reader.readline());
  await sleep(0);
  reader.feedData("cd\n");
  task.cancel();
  await wait([task]);
  print(task.cancelled(), reader);
  print(await reader.readline());
  try {
    await timeout(1, async function () {
      await reader.readexactly(3);
    });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    print("timeout");
  }
  reader.feedData("xyz");
  print(await reader.readexactly(3));
  task = createTask(reader.read(1));
  task.cancel();
  reader.feedData("!");
  await wait([task]);
  print(task.cancelled(), await reader.read(1));
}

await run(main);
