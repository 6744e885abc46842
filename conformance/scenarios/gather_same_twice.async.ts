// An awaitable that is given twice runs once, and is in the results twice.
// Derived from gather_same_twice.ts by `deno task conformance --record`.
import { coroutine, createTask, gather, run } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string) {
  print(name, "runs");
  return name;
});

async function main() {
  const coro = work("coroutine");
  const task = createTask(work("task"));
  print(await gather(coro, task, coro, task));
  const nested = gather(gather(work("a"), work("b")), work("c"));
  print(await nested);
}

await run(main);
