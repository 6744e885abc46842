// A group that is shutting down refuses tasks.
// Derived from groups_shutting_down.ts by `deno task conformance --record`.
import {
  coroutine,
  currentTask,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail() {
  throw new RangeError("no luck");
});

async function main() {
  try {
    await taskGroup(async function (tg: TaskGroup) {
      tg.createTask(fail());
      try {
        await sleep(60);
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
