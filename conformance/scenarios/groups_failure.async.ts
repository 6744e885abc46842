// The first failure of a task cancels the body and the other tasks.
// Derived from groups_failure.ts by `deno task conformance --record`.
import {
  coroutine,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work(name: string) {
  try {
    await sleep(60);
  } catch (error) {
    print(name, repr(error));
    throw error;
  }
});

const fail = coroutine(async function fail(seconds: number) {
  await sleep(seconds);
  throw new RangeError(`after ${seconds}`);
});

async function main() {
  let other: Task<void> | undefined;
  try {
    await taskGroup(async function (tg: TaskGroup) {
      other = tg.createTask(work("other"));
      tg.createTask(fail(1));
      tg.createTask(fail(3));
      await work("body");
    });
  } catch (group) {
    print(group);
    print((group as AggregateError).errors.map(repr));
  }
  print(other?.cancelled(), currentTask()?.cancelling());
  print(getRunningLoop().time());
}

await run(main);
