// readexactly() is not bound by the limit, and tells what was missing.
// Derived from streams_readexactly.ts by `deno task conformance --record`.
import {
  createTask,
  getRunningLoop,
  IncompleteReadError,
  run,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const reader = new StreamReader(null, { limit: 3 });
  for (let second = 0; second < 4; second++) {
    loop.callLater(second, () => reader.feedData("abcd"));
  }
  print(await reader.readexactly(9), loop.time());
  print(await reader.readexactly(0));
  const task = createTask(reader.readexactly(100));
  loop.callLater(1, () => reader.feedEof());
  try {
    await task;
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error;
    print(error, error.partial, error.expected);
  }
  print(loop.time(), reader.atEof(), await reader.read());
}

await run(main);
