// callExceptionHandler() passes on any context, and a handler may throw.
import {
  type EventLoop,
  type ExceptionContext,
  type ExceptionHandler,
  getRunningLoop,
  run,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();

  function handler(_loop: EventLoop, context: ExceptionContext) {
    print("handler:", context.message, context.note);
    if (context.message === "twice") {
      throw new RangeError("the handler has failed");
    }
  }

  loop.setExceptionHandler(handler);
  loop.callExceptionHandler({ message: "once", note: "by hand" });
  loop.callExceptionHandler({ message: "twice" });
  loop.setExceptionHandler(null);
  loop.callExceptionHandler({ message: "to the default handler" });
  for (const wrong of [1, "text"]) {
    try {
      loop.setExceptionHandler(wrong as unknown as ExceptionHandler);
    } catch (error) {
      if (error instanceof TypeError) print("TypeError");
    }
  }
}

await run(main);
