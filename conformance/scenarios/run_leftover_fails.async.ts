// A task that fails while run() cleans up is reported.
// Derived from run_leftover_fails.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const left = coroutine(async function left() {
  try {
    await sleep(60);
  } catch {
    throw new RangeError("cannot clean up");
  }
});

async function main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler((_loop, context) => {
    print(
      context.message,
      repr(context.exception),
      Object.keys(context).sort(),
    );
  });
  createTask(left());
  await sleep(1);
}

await run(main);
print("after run");
