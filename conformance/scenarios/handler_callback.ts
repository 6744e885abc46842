// Errors of callbacks go to the exception handler; the loop continues.
import {
  type EventLoop,
  type ExceptionContext,
  getRunningLoop,
  Handle,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

function careless() {
  throw new RangeError("no luck");
}

function* main() {
  const loop = getRunningLoop();

  function handler(_loop: EventLoop, context: ExceptionContext) {
    print(context.message, repr(context.exception));
    print(Object.keys(context).sort(), context.handle instanceof Handle);
  }

  print(loop.getExceptionHandler());
  loop.setExceptionHandler(handler);
  print(loop.getExceptionHandler() === handler);
  loop.callSoon(careless);
  loop.callSoon(print, "the next callback");
  yield* sleep(0);
  print("main goes on");
}

await run(main);
