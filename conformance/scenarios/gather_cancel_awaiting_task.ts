// Cancelling a task that waits in gather() reaches the children.
import {
  coroutine,
  createTask,
  gather,
  type GatherOptions,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(function* child(name: string) {
  try {
    yield* sleep(60);
  } catch (error) {
    print(name, repr(error));
    if (name === "stubborn") return "survived";
    throw error;
  }
});

const parent = coroutine(function* parent(options: GatherOptions) {
  const names = ["one", "stubborn", "two"];
  const results = yield* gather(names.map((name) => child(name)), options);
  print(results);
});

function* main() {
  for (const options of [{}, { returnExceptions: true }]) {
    const task = createTask(parent(options));
    yield* sleep(1);
    task.cancel("from main");
    try {
      yield* task;
    } catch (error) {
      print("main got", repr(error));
    }
    print(task.cancelled());
  }
}

await run(main);
