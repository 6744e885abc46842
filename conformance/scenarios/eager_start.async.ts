// An eager task runs up to its first wait while it is being created.
// Derived from eager_start.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string) {
  print(name, "begins");
  await sleep(0);
  print(name, "ends");
  return name;
});

async function main() {
  const loop = getRunningLoop();
  const lazy = createTask(work("lazy"));
  loop.callSoon(print, "callback");
  const eager = createTask(work("eager"), { eagerStart: true });
  print("created", eager.done());
  print(await eager, await lazy);
}

await run(main);
