// A read while another one waits is an error, which leaves that one alone.
import {
  type Coroutine,
  coroutine,
  createTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

const attempt = coroutine(function* attempt(coro: Coroutine<Uint8Array>) {
  try {
    print(yield* coro);
  } catch (error) {
    print(error);
  }
});

function* main() {
  const reader = new StreamReader();
  const line = createTask(attempt(reader.readline()));
  yield* sleep(0);
  yield* attempt(reader.readline());
  yield* attempt(reader.readexactly(5));
  yield* attempt(reader.read());
  yield* attempt(reader.read(1));
  reader.feedData("abc\nd");
  const second = createTask(attempt(reader.read(1)));
  yield* line;
  yield* second;
  print(reader);
}

await run(main);
