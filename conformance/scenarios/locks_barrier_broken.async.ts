// abort() breaks a barrier; reset() repairs it and makes its waiters throw.
// Derived from locks_barrier_broken.ts by `deno task conformance --record`.
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

const party = coroutine(async function party(barrier: Barrier, name: string) {
  try {
    print(name, await barrier.wait());
  } catch (error) {
    if (error instanceof BrokenBarrierError) {
      print(name, error.name);
    } else {
      print(name, "cancelled");
      throw error;
    }
  }
});

async function main() {
  const barrier = new Barrier(3);
  for (const action of [() => barrier.abort(), () => barrier.reset()]) {
    const tasks = [..."ab"].map((name) => createTask(party(barrier, name)));
    await sleep(1);
    print("waiting", barrier.nWaiting);
    await action();
    await wait(tasks);
    print("broken", barrier.broken);
    if (barrier.broken) await party(barrier, "late");
  }
  const tasks = [..."abc"].map((name) => createTask(party(barrier, name)));
  tasks[0].cancel();
  await sleep(1);
  print("waiting", barrier.nWaiting);
  await party(barrier, "main");
  await wait(tasks);
}

await run(main);
