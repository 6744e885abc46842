// readline() joins chunks, gives the last line as it is, and drops long ones.
// Derived from streams_readline.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

const attempt = coroutine(async function attempt(reader: StreamReader) {
  try {
    print(await reader.readline());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    print("error:", error);
  }
});

async function main() {
  const loop = getRunningLoop();
  const reader = new StreamReader(null, { limit: 8 });
  for (const [second, chunk] of ["one", " li", "ne\nnext", "\n"].entries()) {
    loop.callLater(second, () => reader.feedData(chunk));
  }
  await attempt(reader);
  print(loop.time(), reader);
  await attempt(reader);
  reader.feedData("exactly8\n9 or more\nok\n");
  for (let i = 0; i < 3; i++) await attempt(reader);
  const task = createTask(attempt(reader));
  await sleep(0);
  reader.feedData("no end in");
  reader.feedData(" sight");
  await task;
  print(reader);
  reader.feedData("the last");
  reader.feedEof();
  await attempt(reader);
  await attempt(reader);
}

await run(main);
