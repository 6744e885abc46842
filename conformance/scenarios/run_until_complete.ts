// runUntilComplete() ends with its future; other tasks wait for the next run.
import { coroutine, newEventLoop, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const ticker = coroutine(function* ticker() {
  while (true) {
    print("tick", loop.time());
    yield* sleep(1);
  }
});

const loop = newEventLoop();
const task = loop.createTask(ticker());
print(await loop.runUntilComplete(sleep(1.5, "first")));
print("stopped", task.done());
print(await loop.runUntilComplete(sleep(1, "second")));
loop.callLater(1, () => loop.stop());
try {
  await loop.runUntilComplete(task);
} catch (error) {
  print(error);
}
task.cancel();
try {
  await loop.runUntilComplete(task);
} catch (error) {
  print(repr(error), loop.isRunning());
}
loop.close();
