// A future that is done cannot change any more.
// Derived from futures_result.ts by `deno task conformance --record`.
import { getRunningLoop, run } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

async function main() {
  const future = getRunningLoop().createFuture<string>();
  print(future.done(), future.cancelled());
  try {
    future.result();
  } catch (error) {
    print(repr(error));
  }
  try {
    future.exception();
  } catch (error) {
    print(repr(error));
  }
  future.setResult("first");
  print(future.done(), future.result(), future.exception());
  try {
    future.setResult("second");
  } catch {
    print("refused");
  }
  try {
    future.setException(new RangeError("late"));
  } catch {
    print("refused too");
  }
  print(future.cancel(), future.cancelled(), await future);
}

await run(main);
