// Errors of done callbacks are reported; the other callbacks still run.
import { type Future, getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler((_loop, context) =>
    print("handler", repr(context.exception), "handle" in context)
  );

  function careless(future: Future<string>) {
    print("careless", future.result());
    throw new RangeError("no luck");
  }

  const future = loop.createFuture<string>();
  future.addDoneCallback(careless);
  future.addDoneCallback(() => print("another"));
  future.setResult("set");
  print(yield* future);
  yield* sleep(0);
  print("main goes on");
}

await run(main);
