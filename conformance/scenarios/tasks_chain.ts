// A chain of tasks that wait for each other ends one task per turn.
import {
  coroutine,
  createTask,
  type Future,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const link = coroutine(
  function* link(number: number, previous: Future<number>) {
    const result = yield* previous;
    print("link", number, "got", result);
    return result + 1;
  },
);

function* main() {
  const loop = getRunningLoop();
  const start = loop.createFuture<number>();
  let last = start;
  for (let number = 0; number < 3; number++) {
    last = createTask(link(number, last));
  }
  yield* sleep(1);
  start.setResult(0);
  for (let turn = 0; turn < 4; turn++) {
    loop.callSoon(print, "turn", turn);
    yield* sleep(0);
  }
  print(yield* last);
}

await run(main);
