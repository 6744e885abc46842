// A failure behind a shield that was cancelled is reported to the handler.
// Derived from shield_late_failure.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  shield,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail() {
  await sleep(2);
  throw new RangeError("too late");
});

async function main() {
  const loop = getRunningLoop();
  loop.setExceptionHandler((_loop, context) => {
    print(context.message, repr(context.exception));
    print(Object.keys(context).sort());
  });
  const inner = createTask(fail());
  const outer = shield(inner);
  await sleep(1);
  outer.cancel();
  await sleep(2);
  print(inner.done(), outer.cancelled());
}

await run(main);
