// gather() throws the first exception at once; the others keep running.
import {
  coroutine,
  createTask,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work(seconds: number, name: string) {
  yield* sleep(seconds);
  print(name, "ends");
  return name;
});

const fail = coroutine(function* fail(seconds: number, name: string) {
  yield* sleep(seconds);
  throw new RangeError(name);
});

function* main() {
  const loop = getRunningLoop();
  const other = createTask(work(3, "slow"));
  try {
    yield* gather(
      work(1, "quick"),
      fail(2, "first"),
      other,
      fail(2.5, "second"),
    );
  } catch (error) {
    print(repr(error), loop.time() === 2);
  }
  print(other.done());
  print(yield* other);
}

await run(main);
