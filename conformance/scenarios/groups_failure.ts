// The first failure of a task cancels the body and the other tasks.
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

const work = coroutine(function* work(name: string) {
  try {
    yield* sleep(60);
  } catch (error) {
    print(name, repr(error));
    throw error;
  }
});

const fail = coroutine(function* fail(seconds: number) {
  yield* sleep(seconds);
  throw new RangeError(`after ${seconds}`);
});

function* main() {
  let other: Task<void> | undefined;
  try {
    yield* taskGroup(function* (tg: TaskGroup) {
      other = tg.createTask(work("other"));
      tg.createTask(fail(1));
      tg.createTask(fail(3));
      yield* work("body");
    });
  } catch (group) {
    print(group);
    print((group as AggregateError).errors.map(repr));
  }
  print(other?.cancelled(), currentTask()?.cancelling());
  print(getRunningLoop().time());
}

await run(main);
