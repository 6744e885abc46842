// A task of a group that is cancelled alone does not affect the group.
// Derived from groups_child_cancelled.ts by `deno task conformance --record`.
import {
  coroutine,
  currentTask,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string, seconds: number) {
  await sleep(seconds);
  print(name, "ends");
});

async function main() {
  const tasks = await taskGroup(async function (tg: TaskGroup) {
    const first = tg.createTask(work("first", 60));
    tg.createTask(work("second", 2));
    await sleep(1);
    first.cancel();
    const never = tg.createTask(work("never", 1));
    never.cancel();
    return [first, never];
  });
  print(...tasks!.map((task) => task.cancelled()));
  print(currentTask()?.cancelling());
}

await run(main);
