import { newEventLoop } from "@asyncio/asyncio";

const TIMES = 1000;
const LONG = 3600;

const loop = newEventLoop();
const nothing = () => {};

Deno.bench({
  name: `queueMicrotask, ${TIMES} times`,
  group: "call soon",
  baseline: true,
  async fn() {
    for (let i = 0; i < TIMES; i++) queueMicrotask(nothing);
    await null;
  },
});

Deno.bench({
  name: `callSoon, ${TIMES} times`,
  group: "call soon",
  async fn() {
    for (let i = 0; i < TIMES; i++) loop.callSoon(nothing);
    loop.stop(); // ends the first turn
    await loop.runForever();
  },
});

Deno.bench({
  name: "setTimeout and clearTimeout",
  group: "timer",
  baseline: true,
  fn() {
    clearTimeout(setTimeout(nothing, LONG * 1000));
  },
});

Deno.bench({
  name: "callLater and cancel",
  group: "timer",
  fn() {
    loop.callLater(LONG, nothing).cancel();
  },
});
