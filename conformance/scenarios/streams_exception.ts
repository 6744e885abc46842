// An exception of the stream ends the read that waits, and all later ones.
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

const attempt = coroutine(function* attempt(coro: Coroutine<Uint8Array>) {
  try {
    print(yield* coro);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    print(error.constructor.name, error);
  }
});

function* main() {
  const reader = new StreamReader();
  print(reader.exception(), reader.atEof());
  let task = createTask(attempt(reader.readline()));
  yield* sleep(0);
  reader.setException(new OSError("lost"));
  yield* task;
  yield* attempt(reader.read(2));
  yield* attempt(reader.readexactly(0));
  yield* attempt(reader.readuntil());
  print(reader.exception());
  const other = new StreamReader();
  task = createTask(attempt(other.read()));
  yield* sleep(0);
  task.cancel();
  other.setException(new OSError("after the cancellation"));
  yield* wait([task]);
  print(task.cancelled());
  yield* attempt(other.read());
}

await run(main);
