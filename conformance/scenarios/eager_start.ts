// An eager task runs up to its first wait while it is being created.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(name: string) {
  print(name, "begins");
  yield* sleep(0);
  print(name, "ends");
  return name;
});

function* main() {
  const loop = getRunningLoop();
  const lazy = createTask(work("lazy"));
  loop.callSoon(print, "callback");
  const eager = createTask(work("eager"), { eagerStart: true });
  print("created", eager.done());
  print(yield* eager, yield* lazy);
}

await run(main);
