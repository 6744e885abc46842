// When a group is cancelled and has failures, the failures are thrown.
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

const child = coroutine(function* child() {
  try {
    yield* sleep(60);
  } catch {
    throw new RangeError("cannot clean up");
  }
});

const parent = coroutine(function* parent() {
  try {
    yield* taskGroup(function* (tg: TaskGroup) {
      tg.createTask(child());
    });
  } catch (group) {
    print(repr(group), currentTask()?.cancelling());
  }
  try {
    yield* sleep(1);
    print("never");
  } catch (error) {
    print("still cancelled");
    throw error;
  }
});

function* main() {
  const task = createTask(parent());
  yield* sleep(1);
  task.cancel();
  yield* wait([task]);
  print(task.cancelled());
}

await run(main);
