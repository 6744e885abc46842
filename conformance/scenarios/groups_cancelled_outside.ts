// Cancelling the task of a group cancels the group's tasks and waits for them.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(function* child(name: string) {
  try {
    yield* sleep(60);
  } finally {
    print(name, "cleans up");
    yield* sleep(1);
    print(name, "is over");
  }
});

const parent = coroutine(function* parent(inBody: boolean) {
  yield* taskGroup(function* (tg: TaskGroup) {
    tg.createTask(child("child"));
    if (inBody) yield* sleep(60);
  });
});

function* main() {
  for (const inBody of [true, false]) {
    const task = createTask(parent(inBody));
    yield* sleep(1);
    task.cancel("from outside");
    try {
      yield* task;
    } catch (error) {
      print(repr(error), task.cancelling());
    }
    print(task.cancelled(), getRunningLoop().time());
  }
}

await run(main);
