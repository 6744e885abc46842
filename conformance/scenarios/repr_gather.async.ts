// How the future of gather(), a shield and their children print.
// Derived from repr_gather.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  gather,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string) {
  await sleep(1);
  return name;
});

async function main() {
  const future = gather(work("a"), work("b"));
  print(future);
  const child = createTask(work("child"));
  const outer = gather(child);
  print(child);
  await future;
  print(future);
  await outer;
  print(child);
  const other = gather(work("c"));
  await sleep(0);
  other.cancel();
  await wait([other]);
  print(other);
  try {
    await other;
  } catch {
    print("cancelled");
  }
}

await run(main);
