// A failure behind a shield that was cancelled is reported to the handler.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  shield,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail() {
  yield* sleep(2);
  throw new RangeError("too late");
});

function* main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler((_loop, context) => {
    print(context.message, repr(context.exception));
    print(Object.keys(context).sort());
  });
  const inner = createTask(fail());
  const outer = shield(inner);
  yield* sleep(1);
  outer.cancel();
  yield* sleep(2);
  print(inner.done(), outer.cancelled());
}

await run(main);
