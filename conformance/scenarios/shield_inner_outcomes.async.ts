// A shield ends in the same way as the task that it shields.
// Derived from shield_inner_outcomes.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  type Future,
  getRunningLoop,
  run,
  shield,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail() {
  await sleep(1);
  throw new RangeError("no luck");
});

async function main() {
  print(await shield(sleep(1, "result")));
  try {
    await shield(fail());
  } catch (error) {
    print(repr(error));
  }
  const inner: Future<void> = createTask(sleep(60));
  getRunningLoop().callLater(1, () => inner.cancel("inside"));
  const outer = shield(inner);
  try {
    await outer;
  } catch (error) {
    print(repr(error));
  }
  print(outer.cancelled(), currentTask()?.cancelling());
  print(shield(inner) === inner);
}

await run(main);
