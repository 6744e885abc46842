// A cancelled future throws CancelledError when its outcome is read or awaited.
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

function* main() {
  const future = getRunningLoop().createFuture<number>();
  print(future.cancel("enough"), future.cancel("again"));
  print(future.done(), future.cancelled());
  attempt(() => future.result());
  attempt(() => future.exception());
  attempt(() => future.setResult(1));
  attempt(() => future.setException(new RangeError()));
  try {
    yield* future;
  } catch (error) {
    print(repr(error));
  }
  print(currentTask()?.cancelling());
}

await run(main);
