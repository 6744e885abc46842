// Tasks created before the loop runs start with it, in order of creation.
import { coroutine, newEventLoop, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(name: string) {
  print(name, "begins");
  yield* sleep(0);
  print(name, "ends");
  return name;
});

const loop = newEventLoop();
const first = loop.createTask(work("first"));
loop.callSoon(print, "callback");
const second = loop.createTask(work("second"));
print("nothing has run");
print(await loop.runUntilComplete(second));
print(first.done());
print(await loop.runUntilComplete(work("third")));
loop.close();
