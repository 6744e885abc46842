// How tasks print that wait for each other.
import { coroutine, createTask, run, sleep, type Task } from "@asyncio/asyncio";
import { print } from "../print.ts";

const child = coroutine(function* child() {
  yield* sleep(1);
});

const parent = coroutine(function* parent(task: Task<void>) {
  yield* task;
});

function* main() {
  const inner = createTask(child());
  const outer = createTask(parent(inner));
  yield* sleep(0);
  print(inner);
  print(outer);
  yield* outer;
  print(inner);
  print(outer);
  const coro = parent(inner);
  print(coro);
  coro.close();
}

await run(main);
