// readexactly() is not bound by the limit, and tells what was missing.
import {
  createTask,
  getRunningLoop,
  IncompleteReadError,
  run,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  const reader = new StreamReader(null, { limit: 3 });
  for (let second = 0; second < 4; second++) {
    loop.callLater(second, () => reader.feedData("abcd"));
  }
  print(yield* reader.readexactly(9), loop.time());
  print(yield* reader.readexactly(0));
  const task = createTask(reader.readexactly(100));
  loop.callLater(1, () => reader.feedEof());
  try {
    yield* task;
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error;
    print(error, error.partial, error.expected);
  }
  print(loop.time(), reader.atEof(), yield* reader.read());
}

await run(main);
