// A shield ends in the same way as the task that it shields.
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

const fail = coroutine(function* fail() {
  yield* sleep(1);
  throw new RangeError("no luck");
});

function* main() {
  print(yield* shield(sleep(1, "result")));
  try {
    yield* shield(fail());
  } catch (error) {
    print(repr(error));
  }
  const inner: Future<void> = createTask(sleep(60));
  getRunningLoop().callLater(1, () => inner.cancel("inside"));
  const outer = shield(inner);
  try {
    yield* outer;
  } catch (error) {
    print(repr(error));
  }
  print(outer.cancelled(), currentTask()?.cancelling());
  print(shield(inner) === inner);
}

await run(main);
