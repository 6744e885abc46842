// A read while another one waits is an error, which leaves that one alone.
// Derived from streams_two_readers.ts by `deno task conformance --record`.
import {
  type Coroutine,
  coroutine,
  createTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

const attempt = coroutine(async function attempt(coro: Coroutine<Uint8Array>) {
  try {
    print(await coro);
  } catch (error) {
    print(error);
  }
});

async function main() {
  const reader = new StreamReader();
  const line = createTask(attempt(reader.readline()));
  await sleep(0);
  await attempt(reader.readline());
  await attempt(reader.readexactly(5));
  await attempt(reader.read());
  await attempt(reader.read(1));
  reader.feedData("abc\nd");
  const second = createTask(attempt(reader.read(1)));
  await line;
  await second;
  print(reader);
}

await run(main);
