// readline() joins chunks, gives the last line as it is, and drops long ones.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

const attempt = coroutine(function* attempt(reader: StreamReader) {
  try {
    print(yield* reader.readline());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    print("error:", error);
  }
});

function* main() {
  const loop = getRunningLoop();
  const reader = new StreamReader(null, { limit: 8 });
  for (const [second, chunk] of ["one", " li", "ne\nnext", "\n"].entries()) {
    loop.callLater(second, () => reader.feedData(chunk));
  }
  yield* attempt(reader);
  print(loop.time(), reader);
  yield* attempt(reader);
  reader.feedData("exactly8\n9 or more\nok\n");
  for (let i = 0; i < 3; i++) yield* attempt(reader);
  const task = createTask(attempt(reader));
  yield* sleep(0);
  reader.feedData("no end in");
  reader.feedData(" sight");
  yield* task;
  print(reader);
  reader.feedData("the last");
  reader.feedEof();
  yield* attempt(reader);
  yield* attempt(reader);
}

await run(main);
