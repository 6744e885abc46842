// Tasks that are left when run() ends are cancelled and awaited.
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
  } catch (error) {
    print("left", repr(error));
    yield* sleep(1);
    print("cleaned up", getRunningLoop().time());
    throw error;
  }
});

function* main() {
  createTask(left());
  getRunningLoop().callLater(1.5, print, "a timer still fires");
  getRunningLoop().callLater(60, print, "never");
  yield* sleep(1);
  return "main ends";
}

print(await run(main));
print("after run");
