// A failure in an inner group is thrown as a group inside a group.
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

const fail = coroutine(function* fail(message: string) {
  yield* sleep(1);
  throw new RangeError(message);
});

const inner = coroutine(function* inner() {
  yield* taskGroup(function* (tg: TaskGroup) {
    tg.createTask(fail("inner"));
    yield* sleep(60);
  });
});

function* main() {
  let sibling: Task<void> | undefined;
  try {
    yield* taskGroup(function* (outer: TaskGroup) {
      sibling = outer.createTask(sleep(60));
      outer.createTask(inner());
    });
  } catch (group) {
    print(repr(group));
  }
  print(sibling?.cancelled());
  try {
    yield* taskGroup(function* () {
      yield* taskGroup(function* (innermost: TaskGroup) {
        innermost.createTask(fail("innermost"));
      });
    });
  } catch (group) {
    print(repr(group));
  }
  print(currentTask()?.cancelling());
}

await run(main);
