// Cleanup may wait, and can be cancelled in turn.
// Derived from cancel_in_finally.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string) {
  try {
    await sleep(60);
  } finally {
    print(name, "cleans up");
    try {
      await sleep(2);
      print(name, "has cleaned up");
    } catch (error) {
      print(name, "was hurried:", error);
      // deno-lint-ignore no-unsafe-finally -- rethrows the cancellation
      throw error;
    }
  }
});

async function main() {
  const patient = createTask(work("patient"));
  const hurried = createTask(work("hurried"));
  await sleep(1);
  patient.cancel("first");
  hurried.cancel("first");
  await sleep(1);
  hurried.cancel("second");
  for (const task of [hurried, patient]) {
    try {
      await task;
    } catch (error) {
      print("main got", error, getRunningLoop().time());
    }
  }
}

await run(main);
