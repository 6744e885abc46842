// Functions that were called and not awaited, in processes of their own: what
// the host would make of their rejections.

import { assertEquals, assertStringIncludes } from "@std/assert";

const permission = await Deno.permissions.query({
  name: "run",
  command: Deno.execPath(),
});
const ignore = permission.state !== "granted";
const LIBRARY = JSON.stringify(import.meta.resolve("../../mod.ts"));

/** Runs a program and returns its exit status and what it printed. */
async function play(
  program: string,
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-check",
      `import { createTask, currentTask, gather, getRunningLoop, newEventLoop,
         run, runCoroutineThreadsafe, sleep, taskGroup, timeout } from ${LIBRARY};
       const forever = async () => { for (;;) await sleep(1); };
       ${program}`,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

const QUIET: [claim: string, program: string][] = [
  [
    "a task that is cancelled",
    `await run(async () => {
       const task = createTask(async () => { forever(); await sleep(60); });
       await sleep(0);
       task.cancel();
       await task.catch(() => {});
       await sleep(0.001);
     });`,
  ],
  [
    "a time limit that expires",
    `await run(async () => {
       await timeout(0.001, async () => { forever(); await sleep(60); })
         .catch(() => {});
       await sleep(0.001);
     });`,
  ],
  [
    "a group that is cancelled",
    `await run(async () => {
       await taskGroup(async (group) => {
         group.createTask(async () => { forever(); await sleep(60); });
         await sleep(0);
         group.cancel();
       });
     });`,
  ],
  [
    "the end of run()",
    `await run(async () => {
       createTask(async () => { forever(); await sleep(60); });
       await sleep(0);
     });`,
  ],
  // Cause: what it awaits is a task of its own then, and the await had none.
  [
    "the end of run(), when its task has ended before",
    `await run(async () => {
       await createTask(async () => { forever(); });
       await sleep(0);
     });`,
  ],
  [
    "the end of run(), when a callback has called it",
    `await run(async () => {
       getRunningLoop().callLater(0, () => { forever(); });
       await sleep(0.001);
     });`,
  ],
  [
    "the end of run(), when a generator has called it",
    `await run(function* () {
       forever();
       yield* sleep(0);
     });`,
  ],
  // Cause: the error that had ended the task counted as reported by that.
  [
    "a request that the task gets through the same promise",
    `await run(async () => {
       const task = createTask(async () => {
         const loaded = sleep(60).then((value) => value);
         (async () => await loaded)();
         await loaded;
       });
       await sleep(0);
       task.cancel();
       await task.catch(() => {});
     });`,
  ],
  [
    "a group, through a promise that its task awaits",
    `await run(async () => {
       await taskGroup(async (group) => {
         group.createTask(async () => {
           const loaded = forever();
           (async () => await loaded)();
           await loaded;
         });
         await sleep(0);
         group.cancel();
       });
     });`,
  ],
  // Cause: the reason of a signal was not known as a cancellation.
  [
    "the signal of its task",
    `await run(async () => {
       const task = createTask(async () => {
         const { signal } = currentTask();
         const aborted = () => new Promise((_, reject) =>
           signal.addEventListener("abort", () => reject(signal.reason)));
         aborted();
         await sleep(60);
       });
       await sleep(0);
       task.cancel();
       await task.catch(() => {});
     });`,
  ],
];

for (const [cause, program] of QUIET) {
  Deno.test({
    name:
      `what was called and not awaited does not end the process when it is cancelled by ${cause}`,
    ignore,
    async fn() {
      const { code, out, err } = await play(`${program} console.log("alive");`);
      assertEquals([code, out, err], [0, "alive\n", ""]);
    },
  });
}

const LOUD: [what: string, program: string, message: string][] = [
  [
    "an error of a function that was not awaited",
    `await run(async () => {
       (async () => { await sleep(0); throw new Error("careless"); })();
       await sleep(0.01);
     });`,
    "careless",
  ],
  [
    "a time limit of a function that was not awaited",
    `await run(async () => {
       timeout(0.001, forever).then(() => {});
       await sleep(0.01);
     });`,
    "TimeoutError",
  ],
  [
    "the cancellation that run() rejects with",
    `await run(async () => {
       const task = createTask(sleep(60));
       await sleep(0);
       task.cancel("enough");
       await task;
     });`,
    "CancelledError: enough",
  ],
  [
    "the cancellation of a task that code outside of every loop awaits",
    `const loop = newEventLoop();
     const task = loop.createTask(async () => await sleep(60));
     const awaited = (async () => await task)();
     await loop.runUntilComplete(sleep(0));
     task.cancel("enough"); // thrown into its function first
     await loop.runUntilComplete(sleep(0));
     await awaited;`,
    "CancelledError: enough",
  ],
  [
    "the cancellation that result() throws outside of every loop",
    `const loop = newEventLoop();
     const task = loop.createTask(async () => await sleep(60));
     await loop.runUntilComplete(sleep(0));
     task.cancel("enough");
     await loop.runUntilComplete(sleep(0));
     (async () => task.result())();`,
    "CancelledError: enough",
  ],
  [
    "the cancellation of what was submitted to a loop from outside",
    `const loop = newEventLoop();
     const submitted = runCoroutineThreadsafe(async () => {
       currentTask().cancel("enough");
       await sleep(1);
     }, loop);
     (async () => await submitted)();
     await loop.runUntilComplete(sleep(0.01));`,
    "CancelledError: enough",
  ],
];

for (const [what, program, message] of LOUD) {
  Deno.test({
    name: `${what} ends the process, as always`,
    ignore,
    async fn() {
      const { code, err } = await play(program);
      assertEquals(code, 1);
      assertStringIncludes(err, message);
    },
  });
}
