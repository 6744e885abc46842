// The text of a reader tells what it holds.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

class OSError extends Error {}

function* main() {
  print(new StreamReader());
  const reader = new StreamReader(null, { limit: 123 });
  print(reader);
  reader.feedData("data");
  print(reader);
  reader.feedEof();
  print(reader);
  reader.setException(new OSError("lost"));
  print(reader);
  yield* readerThatWaits();
}

const readerThatWaits = coroutine(function* readerThatWaits() {
  const reader = new StreamReader();
  const task = createTask(reader.read());
  yield* sleep(0);
  print(String(reader).startsWith("<StreamReader waiter=<Future pending"));
  reader.feedEof();
  yield* task;
  print(reader);
});

await run(main);
