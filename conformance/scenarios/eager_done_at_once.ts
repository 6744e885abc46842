// An eager task that never waits is done as soon as it is created.
// Generators only: JavaScript delivers the result of an async function later.
import {
  allTasks,
  coroutine,
  createTask,
  eagerTaskFactory,
  gather,
  getRunningLoop,
  run,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work(name: string) {
  return name;
});

const fail = coroutine(function* fail() {
  throw new RangeError("at once");
});

function* main() {
  const loop = getRunningLoop();
  const task = createTask(work("result"), { eagerStart: true });
  print(task.done(), task.result());
  const failed = createTask(fail(), { eagerStart: true });
  print(failed.done(), repr(failed.exception()));
  loop.callSoon(print, "no turn for this");
  print(yield* task);
  loop.setTaskFactory(eagerTaskFactory);
  const gathered = gather(work("a"), work("b"));
  print(gathered.done(), yield* gathered);
  print(allTasks().size);
}

await run(main);
