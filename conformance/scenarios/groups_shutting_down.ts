// A group that is shutting down refuses tasks.
import {
  coroutine,
  currentTask,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail() {
  throw new RangeError("no luck");
});

function* main() {
  try {
    yield* taskGroup(function* (tg: TaskGroup) {
      tg.createTask(fail());
      try {
        yield* sleep(60);
      } finally {
        const coro = sleep(1);
        try {
          tg.createTask(coro);
        } catch {
          print("refused");
          coro.close();
        }
      }
    });
  } catch (group) {
    print(repr(group));
  }
  print(currentTask()?.cancelling());
}

await run(main);
