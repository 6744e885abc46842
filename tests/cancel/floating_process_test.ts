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
      `import { createTask, gather, run, sleep, taskGroup, timeout } from ${LIBRARY};
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
