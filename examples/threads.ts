// Three Workers submit coroutines to the loop of the main thread, which keeps
// doing its own work meanwhile.
// Run it with --allow-read=. as the workers read their module.

import {
  coroutine,
  createTask,
  exposeLoop,
  getRunningLoop,
  Queue,
  run,
  sleep,
} from "@asyncio/asyncio";

const NAMES = ["Ada", "Grace", "Barbara"];

/** The workers that have finished. */
const done = new Queue<string>();

const functions = {
  fetchPage: coroutine(async function fetchPage(topic: string) {
    console.log(`fetching a page about ${topic}`);
    await sleep(0.1); // in place of a request
    return `All that there is to know about ${topic}`;
  }),
  report: coroutine(
    async function report(worker: string, topic: string, words: number) {
      console.log(`${worker}: ${words} words about ${topic}`);
    },
  ),
  leave: coroutine(async function leave(worker: string) {
    console.log(`${worker} is done`);
    await done.put(worker);
  }),
};

/** What the workers can call. */
export type Functions = typeof functions;

const tick = coroutine(async function tick() {
  for (let n = 1;; n++) {
    await sleep(0.05);
    console.log(`tick ${n}: the loop goes on`);
  }
});

if (import.meta.main) {
  await run(async () => {
    const loop = getRunningLoop();
    const ticking = createTask(tick());
    using stack = new DisposableStack();
    for (const name of NAMES) {
      const url = new URL("./threads/worker.ts", import.meta.url);
      const worker = new Worker(url, { type: "module", name });
      stack.use(exposeLoop(loop, worker, functions));
    }
    for (const _ of NAMES) await done.get();
    ticking.cancel();
  });
}
