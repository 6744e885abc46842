// gather() throws the first exception at once; the others keep running.
// Derived from gather_exception.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work(seconds: number, name: string) {
  await sleep(seconds);
  print(name, "ends");
  return name;
});

const fail = coroutine(async function fail(seconds: number, name: string) {
  await sleep(seconds);
  throw new RangeError(name);
});

async function main() {
  const loop = getRunningLoop();
  const other = createTask(work(3, "slow"));
  try {
    await gather(
      work(1, "quick"),
      fail(2, "first"),
      other,
      fail(2.5, "second"),
    );
  } catch (error) {
    print(repr(error), loop.time() === 2);
  }
  print(other.done());
  print(await other);
}

await run(main);
