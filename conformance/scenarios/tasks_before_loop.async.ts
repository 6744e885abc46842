// Tasks created before the loop runs start with it, in order of creation.
// Derived from tasks_before_loop.ts by `deno task conformance --record`.
import { coroutine, newEventLoop, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string) {
  print(name, "begins");
  await sleep(0);
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
