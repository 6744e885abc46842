// With the eager task factory every task starts at once, also in gather().
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

const work = coroutine(function* work(name: string, turns: number) {
  print(name, "begins");
  for (let turn = 0; turn < turns; turn++) yield* sleep(0);
  print(name, "ends");
  return name;
});

function* main() {
  const loop = getRunningLoop();
  loop.setTaskFactory(eagerTaskFactory);
  let task = createTask(work("task", 1));
  print("created");
  print(yield* gather(work("a", 2), work("b", 0), task));
  print(yield* gather(work("c", 0), work("d", 0)));
  yield* taskGroup(function* (tg: TaskGroup) {
    tg.createTask(work("e", 1));
    tg.createTask(work("f", 0));
    print("body ends");
  });
  loop.setTaskFactory(null);
  task = createTask(work("lazy", 0));
  print("created");
  yield* task;
}

await run(main);
