// How many turns it takes from the last child to the waiting task.
import { coroutine, createTask, gather, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(name: string, turns: number) {
  for (let turn = 0; turn < turns; turn++) yield* sleep(0);
  print(name, "ends");
});

const countTurns = coroutine(function* countTurns(times: number) {
  for (let number = 0; number < times; number++) {
    print("turn", number);
    yield* sleep(0);
  }
});

function* main() {
  const counter = createTask(countTurns(6));
  yield* gather(work("a", 2), work("b", 0));
  print("gathered");
  yield* counter;
}

await run(main);
