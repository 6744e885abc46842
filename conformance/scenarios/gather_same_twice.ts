// An awaitable that is given twice runs once, and is in the results twice.
import { coroutine, createTask, gather, run } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(name: string) {
  print(name, "runs");
  return name;
});

function* main() {
  const coro = work("coroutine");
  const task = createTask(work("task"));
  print(yield* gather(coro, task, coro, task));
  const nested = gather(gather(work("a"), work("b")), work("c"));
  print(yield* nested);
}

await run(main);
