// A group that fails in a task that has caught a cancellation before.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail() {
  throw new RangeError("no luck");
});

const work = coroutine(function* work() {
  try {
    yield* sleep(60);
  } catch {
    print("caught");
  }
  try {
    yield* taskGroup(function* (tg: TaskGroup) {
      tg.createTask(fail());
    });
  } catch (group) {
    print(repr(group), currentTask()?.cancelling());
  }
  yield* sleep(1);
  print("went on");
});

function* main() {
  const task = createTask(work());
  yield* sleep(1);
  task.cancel();
  yield* wait([task]);
  print(task.cancelled());
}

await run(main);
