// An eager task of a group that fails at once cancels the body.
import {
  coroutine,
  currentTask,
  run,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail() {
  throw new RangeError("at once");
});

function* main() {
  let other: Task<void> | undefined;
  try {
    yield* taskGroup(function* (tg: TaskGroup) {
      other = tg.createTask(sleep(60));
      tg.createTask(fail(), { eagerStart: true });
      print("body goes on");
      yield* sleep(0);
      print("never");
    });
  } catch (group) {
    print(repr(group));
  }
  print(other?.cancelled(), currentTask()?.cancelling());
}

await run(main);
