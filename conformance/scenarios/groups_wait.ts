// A group waits for all of its tasks, also those that its tasks create.
import {
  type Coroutine,
  coroutine,
  getRunningLoop,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

type Work = (
  name: string,
  seconds: number,
  tg?: TaskGroup,
) => Coroutine<string>;

const work: Work = coroutine(
  function* (name: string, seconds: number, tg?: TaskGroup) {
    print(name, "begins");
    if (tg !== undefined) tg.createTask(work("child of " + name, 2));
    yield* sleep(seconds);
    print(name, "ends", getRunningLoop().time());
    return name;
  },
);

function* main() {
  const tasks = yield* taskGroup(function* (tg: TaskGroup) {
    const first = tg.createTask(work("first", 2));
    const second = tg.createTask(work("second", 1, tg), { name: "second" });
    print("body ends", second.getName());
    return [first, second];
  });
  print(...tasks!.map((task) => task.result()));
  const group = yield* taskGroup(function* (tg: TaskGroup) {
    print("empty");
    return tg;
  });
  const coro = work("late", 1);
  try {
    group!.createTask(coro);
  } catch {
    print("finished");
    coro.close();
  }
}

await run(main);
