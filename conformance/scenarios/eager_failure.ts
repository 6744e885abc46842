// An eager task that fails at once throws its exception where it is awaited.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail() {
  throw new RangeError("at once");
});

const cancels = coroutine(function* cancels() {
  currentTask()?.cancel("itself");
  yield* sleep(0);
});

function* main() {
  const failing = createTask(fail(), { eagerStart: true });
  try {
    yield* failing;
  } catch (error) {
    print(repr(error));
  }
  let task = createTask(cancels(), { eagerStart: true });
  print(task.done(), task.cancelling());
  yield* wait([task]);
  print(task.cancelled());
  task = createTask(sleep(60), { eagerStart: true });
  task.cancel("after its first step");
  try {
    yield* task;
  } catch (error) {
    print(repr(error));
  }
}

await run(main);
