// Cleanup may wait, and can be cancelled in turn.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(name: string) {
  try {
    yield* sleep(60);
  } finally {
    print(name, "cleans up");
    try {
      yield* sleep(2);
      print(name, "has cleaned up");
    } catch (error) {
      print(name, "was hurried:", error);
      // deno-lint-ignore no-unsafe-finally -- rethrows the cancellation
      throw error;
    }
  }
});

function* main() {
  const patient = createTask(work("patient"));
  const hurried = createTask(work("hurried"));
  yield* sleep(1);
  patient.cancel("first");
  hurried.cancel("first");
  yield* sleep(1);
  hurried.cancel("second");
  for (const task of [hurried, patient]) {
    try {
      yield* task;
    } catch (error) {
      print("main got", error, getRunningLoop().time());
    }
  }
}

await run(main);
