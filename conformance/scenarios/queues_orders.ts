// A LifoQueue returns the last item first, a PriorityQueue the smallest.
import { LifoQueue, PriorityQueue, run } from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const lifo = new LifoQueue<number>();
  const priority = new PriorityQueue<number | string>();
  for (const item of [3, 1, 4, 1, 5, 9, 2, 6]) {
    yield* lifo.put(item);
    yield* priority.put(item);
  }
  const items = [];
  while (!lifo.empty()) items.push(yield* lifo.get());
  print(items);
  items.length = 0;
  while (!priority.empty()) items.push(yield* priority.get());
  print(items);
  for (const item of ["b", "a", "c"]) priority.putNowait(item);
  print(priority.getNowait(), priority.getNowait());
  priority.putNowait("aa");
  print(priority.getNowait(), priority.getNowait(), priority.empty());
}

await run(main);
