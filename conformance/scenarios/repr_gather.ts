// How the future of gather(), a shield and their children print.
import {
  coroutine,
  createTask,
  gather,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(name: string) {
  yield* sleep(1);
  return name;
});

function* main() {
  const future = gather(work("a"), work("b"));
  print(future);
  const child = createTask(work("child"));
  const outer = gather(child);
  print(child);
  yield* future;
  print(future);
  yield* outer;
  print(child);
  const other = gather(work("c"));
  yield* sleep(0);
  other.cancel();
  yield* wait([other]);
  print(other);
  try {
    yield* other;
  } catch {
    print("cancelled");
  }
}

await run(main);
