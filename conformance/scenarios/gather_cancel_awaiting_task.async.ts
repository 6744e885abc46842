// Cancelling a task that waits in gather() reaches the children.
// Derived from gather_cancel_awaiting_task.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  gather,
  type GatherOptions,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(async function child(name: string) {
  try {
    await sleep(60);
  } catch (error) {
    print(name, repr(error));
    if (name === "stubborn") return "survived";
    throw error;
  }
});

const parent = coroutine(async function parent(options: GatherOptions) {
  const names = ["one", "stubborn", "two"];
  const results = await gather(names.map((name) => child(name)), options);
  print(results);
});

async function main() {
  for (const options of [{}, { returnExceptions: true }]) {
    const task = createTask(parent(options));
    await sleep(1);
    task.cancel("from main");
    try {
      await task;
    } catch (error) {
      print("main got", repr(error));
    }
    print(task.cancelled());
  }
}

await run(main);
