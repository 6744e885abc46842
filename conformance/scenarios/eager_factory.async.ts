// With the eager task factory every task starts at once, also in gather().
// Derived from eager_factory.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  eagerTaskFactory,
  gather,
  getRunningLoop,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string, turns: number) {
  print(name, "begins");
  for (let turn = 0; turn < turns; turn++) await sleep(0);
  print(name, "ends");
  return name;
});

async function main() {
  const loop = getRunningLoop();
  loop.setTaskFactory(eagerTaskFactory);
  let task = createTask(work("task", 1));
  print("created");
  print(await gather(work("a", 2), work("b", 0), task));
  print(await gather(work("c", 0), work("d", 0)));
  await taskGroup(async function (tg: TaskGroup) {
    tg.createTask(work("e", 1));
    tg.createTask(work("f", 0));
    print("body ends");
  });
  loop.setTaskFactory(null);
  task = createTask(work("lazy", 0));
  print("created");
  await task;
}

await run(main);
