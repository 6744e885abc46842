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

const immediate = coroutine(function* immediate() {
  return "no wait";
});

function* main() {
  const loop = getRunningLoop();
  const lazy = createTask(work("lazy"));
  const eager = createTask(work("eager"), { eagerStart: true });
  print("created", eager.done());
  const done = createTask(immediate(), { eagerStart: true });
  print(done.done(), done.result());
  loop.callSoon(print, "no turn for this");
  print(yield* done);
  print(yield* eager, yield* lazy);
}

await run(main);
