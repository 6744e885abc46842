// A timeout around a group cancels its tasks, and a timeout can be in a group.
import {
  coroutine,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
  timeout,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(function* child(name: string) {
  try {
    yield* sleep(60);
  } finally {
    print(name, "out");
  }
});

function* main() {
  try {
    yield* timeout(1, function* () {
      yield* taskGroup(function* (tg: TaskGroup) {
        tg.createTask(child("child"));
      });
    });
  } catch (error) {
    print(repr(error), currentTask()?.cancelling());
  }
  yield* taskGroup(function* (tg: TaskGroup) {
    const slow = tg.createTask(child("slow"));
    try {
      yield* timeout(1, function* () {
        yield* slow;
      });
    } catch {
      print("timed out", slow.cancelled());
    }
  });
  print(getRunningLoop().time());
}

await run(main);
