// How many turns it takes from the last child to the waiting task.
// Derived from gather_order_of_wakeups.ts by `deno task conformance --record`.
import { coroutine, createTask, gather, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string, turns: number) {
  for (let turn = 0; turn < turns; turn++) await sleep(0);
  print(name, "ends");
});

const countTurns = coroutine(async function countTurns(times: number) {
  for (let number = 0; number < times; number++) {
    print("turn", number);
    await sleep(0);
  }
});

async function main() {
  const counter = createTask(countTurns(6));
  await gather(work("a", 2), work("b", 0));
  print("gathered");
  await counter;
}

await run(main);
