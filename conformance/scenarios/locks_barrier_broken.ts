// abort() breaks a barrier; reset() repairs it and makes its waiters throw.
import {
  Barrier,
  BrokenBarrierError,
  coroutine,
  createTask,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const party = coroutine(function* party(barrier: Barrier, name: string) {
  try {
    print(name, yield* barrier.wait());
  } catch (error) {
    if (error instanceof BrokenBarrierError) {
      print(name, error.name);
    } else {
      print(name, "cancelled");
      throw error;
    }
  }
});

function* main() {
  const barrier = new Barrier(3);
  for (const action of [() => barrier.abort(), () => barrier.reset()]) {
    const tasks = [..."ab"].map((name) => createTask(party(barrier, name)));
    yield* sleep(1);
    print("waiting", barrier.nWaiting);
    yield* action();
    yield* wait(tasks);
    print("broken", barrier.broken);
    if (barrier.broken) yield* party(barrier, "late");
  }
  const tasks = [..."abc"].map((name) => createTask(party(barrier, name)));
  tasks[0].cancel();
  yield* sleep(1);
  print("waiting", barrier.nWaiting);
  yield* party(barrier, "main");
  yield* wait(tasks);
}

await run(main);
