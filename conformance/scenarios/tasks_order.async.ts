// Tasks take turns, in order of creation.
// Derived from tasks_order.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const count = coroutine(async function count(name: string, times: number) {
  for (let number = 0; number < times; number++) {
    print(name, number);
    await sleep(0);
  }
  print(name, "ends");
});

async function main() {
  createTask(count("a", 2));
  const b = createTask(count("b", 4));
  createTask(count("c", 1));
  print("all created");
  await b;
  print("b awaited");
}

await run(main);
