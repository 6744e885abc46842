// The text of a reader tells what it holds.
// Derived from streams_repr.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

class OSError extends Error {}

async function main() {
  print(new StreamReader());
  const reader = new StreamReader(null, { limit: 123 });
  print(reader);
  reader.feedData("data");
  print(reader);
  reader.feedEof();
  print(reader);
  reader.setException(new OSError("lost"));
  print(reader);
  await readerThatWaits();
}

const readerThatWaits = coroutine(async function readerThatWaits() {
  const reader = new StreamReader();
  const task = createTask(reader.read());
  await sleep(0);
  print(String(reader).startsWith("<StreamReader waiter=<Future pending"));
  reader.feedEof();
  await task;
  print(reader);
});

await run(main);
