// A task that fails while run() cleans up is reported.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const left = coroutine(function* left() {
  try {
    yield* sleep(60);
  } catch {
    throw new RangeError("cannot clean up");
  }
});

function* main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler((_loop, context) => {
    print(
      context.message,
      repr(context.exception),
      Object.keys(context).sort(),
    );
  });
  createTask(left());
  yield* sleep(1);
}

await run(main);
print("after run");
