// How failures after gather() has failed are reported.
// Derived from handler_gather.ts by `deno task conformance --record`.
import {
  coroutine,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail(seconds: number, message: string) {
  await sleep(seconds);
  throw new RangeError(message);
});

async function main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler((_loop, context) =>
    print("handler", context.message)
  );
  try {
    await gather(fail(1, "first"), fail(2, "second"), fail(3, "third"));
  } catch (error) {
    print(repr(error));
  }
  await sleep(5);
  print("nothing is reported");
}

await run(main);
