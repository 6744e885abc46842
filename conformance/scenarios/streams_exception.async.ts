// An exception of the stream ends the read that waits, and all later ones.
// Derived from streams_exception.ts by `deno task conformance --record`.
import {
  type Coroutine,
  coroutine,
  createTask,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

class OSError extends Error {}

const attempt = coroutine(async function attempt(coro: Coroutine<Uint8Array>) {
  try {
    print(await coro);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    print(error.constructor.name, error);
  }
});

async function main() {
  const reader = new StreamReader();
  print(reader.exception(), reader.atEof());
  let task = createTask(attempt(reader.readline()));
  await sleep(0);
  reader.setException(new OSError("lost"));
  await task;
  await attempt(reader.read(2));
  await attempt(reader.readexactly(0));
  await attempt(reader.readuntil());
  print(reader.exception());
  const other = new StreamReader();
  task = createTask(attempt(other.read()));
  await sleep(0);
  task.cancel();
  other.setException(new OSError("after the cancellation"));
  await wait([task]);
  print(task.cancelled());
  await attempt(other.read());
}

await run(main);
