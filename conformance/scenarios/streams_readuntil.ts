// readuntil() finds separators across chunks, and leaves what is too long.
import {
  type Coroutine,
  coroutine,
  getRunningLoop,
  IncompleteReadError,
  LimitOverrunError,
  run,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import { print } from "../print.ts";

const attempt = coroutine(function* attempt(coro: Coroutine<Uint8Array>) {
  try {
    print(yield* coro);
  } catch (error) {
    if (error instanceof LimitOverrunError) {
      print("limit:", error, error.consumed);
    } else if (error instanceof IncompleteReadError) {
      print("incomplete:", error, error.partial, error.expected);
    } else print("error:", error);
  }
});

function* main() {
  const loop = getRunningLoop();
  const reader = new StreamReader(null, { limit: 10 });
  for (const [second, chunk] of ["dataS", "E", "PmoreSEP", "a;b,c"].entries()) {
    loop.callLater(second, () => reader.feedData(chunk));
  }
  yield* attempt(reader.readuntil("SEP"));
  yield* attempt(reader.readuntil("SEP"));
  print(loop.time());
  yield* attempt(reader.readuntil([",", ";"]));
  yield* attempt(reader.readuntil(["b,c", ","]));
  yield* attempt(reader.readuntil(["c", ",c"]));
  reader.feedData("much too long;");
  yield* attempt(reader.readuntil(";"));
  yield* attempt(reader.readuntil("|"));
  yield* attempt(reader.readuntil("mis"));
  print(yield* reader.readexactly(14));
  reader.feedData("the endSE");
  reader.feedEof();
  yield* attempt(reader.readuntil("SEP"));
  yield* attempt(reader.readuntil());
  print(reader.atEof());
}

await run(main);
