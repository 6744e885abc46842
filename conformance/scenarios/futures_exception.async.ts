// The result of a failed future throws its exception, the same object.
// Derived from futures_exception.ts by `deno task conformance --record`.
import { getRunningLoop, run } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const error = new RangeError("no luck");
  const future = loop.createFuture();
  future.setException(error);
  print(future.done(), future.exception() === error);
  for (let i = 0; i < 2; i++) {
    try {
      await future;
    } catch (caught) {
      print(repr(caught), caught === error);
    }
  }
  const other = loop.createFuture();
  other.setException(RangeError);
  print(repr(other.exception()));
}

await run(main);
