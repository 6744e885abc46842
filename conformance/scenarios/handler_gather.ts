// How failures after gather() has failed are reported.
import {
  coroutine,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail(seconds: number, message: string) {
  yield* sleep(seconds);
  throw new RangeError(message);
});

function* main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler((_loop, context) =>
    print("handler", context.message)
  );
  try {
    yield* gather(fail(1, "first"), fail(2, "second"), fail(3, "third"));
  } catch (error) {
    print(repr(error));
  }
  yield* sleep(5);
  print("nothing is reported");
}

await run(main);
