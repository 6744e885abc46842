// A barrier lets its parties continue together, again and again.
// Derived from locks_barrier.ts by `deno task conformance --record`.
import {
  Barrier,
  coroutine,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const party = coroutine(
  async function party(barrier: Barrier, name: string, seconds: number) {
    for (let round = 0; round < 2; round++) {
      await sleep(seconds);
      print(name, "waits", barrier.nWaiting);
      const place = await barrier.wait();
      print(name, "goes on", place, getRunningLoop().time());
    }
  },
);

async function main() {
  const barrier = new Barrier(3);
  print(barrier.parties, barrier.nWaiting, barrier.broken);
  await gather(
    party(barrier, "a", 1),
    party(barrier, "b", 3),
    party(barrier, "c", 2),
  );
  print(barrier.parties, barrier.nWaiting, barrier.broken);
  print(await new Barrier(1).wait());
  try {
    new Barrier(0);
  } catch (error) {
    if (error instanceof RangeError) print("RangeError");
  }
}

await run(main);
