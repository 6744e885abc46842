// How tasks print that wait for each other.
// Derived from repr_waiting_tasks.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep, type Task } from "@asyncio/asyncio";
import { print } from "../print.ts";

const child = coroutine(async function child() {
  await sleep(1);
});

const parent = coroutine(async function parent(task: Task<void>) {
  await task;
});

async function main() {
  const inner = createTask(child());
  const outer = createTask(parent(inner));
  await sleep(0);
  print(inner);
  print(outer);
  await outer;
  print(inner);
  print(outer);
  const coro = parent(inner);
  print(coro);
  coro.close();
}

await run(main);
