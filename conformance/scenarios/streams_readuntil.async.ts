// readuntil() finds separators across chunks, and leaves what is too long.
// Derived from streams_readuntil.ts by `deno task conformance --record`.
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

const attempt = coroutine(async function attempt(coro: Coroutine<Uint8Array>) {
  try {
    print(await coro);
  } catch (error) {
    if (error instanceof LimitOverrunError) {
      print("limit:", error, error.consumed);
    } else if (error instanceof IncompleteReadError) {
      print("incomplete:", error, error.partial, error.expected);
    } else print("error:", error);
  }
});

async function main() {
  const loop = getRunningLoop();
  const reader = new StreamReader(null, { limit: 10 });
  for (const [second, chunk] of ["dataS", "E", "PmoreSEP", "a;b,c"].entries()) {
    loop.callLater(second, () => reader.feedData(chunk));
  }
  await attempt(reader.readuntil("SEP"));
  await attempt(reader.readuntil("SEP"));
  print(loop.time());
  await attempt(reader.readuntil([",", ";"]));
  await attempt(reader.readuntil(["b,c", ","]));
  await attempt(reader.readuntil(["c", ",c"]));
  reader.feedData("much too long;");
  await attempt(reader.readuntil(";"));
  await attempt(reader.readuntil("|"));
  await attempt(reader.readuntil("mis"));
  print(await reader.readexactly(14));
  reader.feedData("the endSE");
  reader.feedEof();
  await attempt(reader.readuntil("SEP"));
  await attempt(reader.readuntil());
  print(reader.atEof());
}

await run(main);
