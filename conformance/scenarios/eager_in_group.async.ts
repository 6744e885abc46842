// An eager task of a group that fails at once cancels the body.
// Derived from eager_in_group.ts by `deno task conformance --record`.
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

const fail = coroutine(async function fail() {
  throw new RangeError("at once");
});

async function main() {
  let other: Task<void> | undefined;
  try {
    await taskGroup(async function (tg: TaskGroup) {
      other = tg.createTask(sleep(60));
      tg.createTask(fail(), { eagerStart: true });
      print("body goes on");
      await sleep(0);
      print("never");
    });
  } catch (group) {
    print(repr(group));
  }
  print(other?.cancelled(), currentTask()?.cancelling());
}

await run(main);
