// An exception that is never retrieved is reported once.
import {
  coroutine,
  type EventLoop,
  type ExceptionContext,
  newEventLoop,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail(message: string) {
  throw new RangeError(message);
});

function handler(_loop: EventLoop, context: ExceptionContext) {
  print(
    context.message,
    repr(context.exception),
    Object.keys(context).sort(),
  );
}

const loop = newEventLoop();
loop.setExceptionHandler(handler);
loop.createTask(fail("unseen task"));
const seen = loop.createTask(fail("seen task"));
await loop.runUntilComplete(sleep(1));
print(repr(seen.exception()));
const future = loop.createFuture();
future.setException(new RangeError("unseen future"));
const cancelled = loop.createTask(fail("never begins"));
cancelled.cancel();
await loop.runUntilComplete(sleep(1));
print("closing");
loop.close();
