// Errors of done callbacks are reported; the other callbacks still run.
// Derived from handler_done_callback.ts by `deno task conformance --record`.
import { type Future, getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

async function main() {
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
  print(await future);
  await sleep(0);
  print("main goes on");
}

await run(main);
