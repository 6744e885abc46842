// A cancelled future throws CancelledError when its outcome is read or awaited.
// Derived from futures_cancel.ts by `deno task conformance --record`.
import {
  CancelledError,
  currentTask,
  getRunningLoop,
  InvalidStateError,
  run,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

function attempt(action: () => unknown) {
  try {
    print(action());
  } catch (error) {
    if (error instanceof CancelledError || error instanceof InvalidStateError) {
      print(error.name, error.message.split(":")[0]);
    }
  }
}

async function main() {
  const future = getRunningLoop().createFuture<number>();
  print(future.cancel("enough"), future.cancel("again"));
  print(future.done(), future.cancelled());
  attempt(() => future.result());
  attempt(() => future.exception());
  attempt(() => future.setResult(1));
  attempt(() => future.setException(new RangeError()));
  try {
    await future;
  } catch (error) {
    print(repr(error));
  }
  print(currentTask()?.cancelling());
}

await run(main);
