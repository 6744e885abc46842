// A task of a group that is cancelled alone does not affect the group.
import {
  coroutine,
  currentTask,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(name: string, seconds: number) {
  yield* sleep(seconds);
  print(name, "ends");
});

function* main() {
  const tasks = yield* taskGroup(function* (tg: TaskGroup) {
    const first = tg.createTask(work("first", 60));
    tg.createTask(work("second", 2));
    yield* sleep(1);
    first.cancel();
    const never = tg.createTask(work("never", 1));
    never.cancel();
    return [first, never];
  });
  print(...tasks!.map((task) => task.cancelled()));
  print(currentTask()?.cancelling());
}

await run(main);
