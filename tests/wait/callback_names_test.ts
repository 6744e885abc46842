// Copyright 2026 the asyncio authors. MIT license.

// What waits for a task is printed with it, as CPython names it.

import { assertStringIncludes } from "@std/assert";
import {
  asCompleted,
  createTask,
  Future,
  gather,
  getRunningLoop,
  shield,
  sleep,
  type Task,
  taskGroup,
  wait,
} from "@asyncio/asyncio";
import { inVirtualTime } from "../_helpers.ts";

const WAITS: [
  what: string,
  begin: (task: Task<void>) => unknown,
  text: string,
][] = [
  ["await", (task) => createTask(async () => await task), "Task.task_wakeup()"],
  ["gather()", (task) => gather(task), "gather.<locals>._done_callback()"],
  [
    "wait()",
    (task) => createTask(wait([task])),
    "_wait.<locals>._on_completion()",
  ],
  [
    "asCompleted()",
    (task) => asCompleted([task]),
    "_AsCompletedIterator._handle_completion()",
  ],
  [
    "shield()",
    (task) => shield(task),
    "shield.<locals>._inner_done_callback()",
  ],
];

for (const [what, begin, text] of WAITS) {
  Deno.test(`a task prints ${text} while ${what} waits for it`, async () => {
    await inVirtualTime(async () => {
      const task = createTask(sleep(1));
      begin(task);
      await sleep(0);
      assertStringIncludes(String(task), `cb=[${text}]`);
      await sleep(2);
    });
  });
}

Deno.test("a task of a group prints TaskGroup._on_task_done()", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      const task = group.createTask(sleep(1));
      await sleep(0);
      assertStringIncludes(String(task), "cb=[TaskGroup._on_task_done()]");
    });
  });
});

Deno.test("a shield prints shield.<locals>._outer_done_callback()", async () => {
  await inVirtualTime(async () => {
    const inner = new Future<void>({ loop: getRunningLoop() });
    const text = String(shield(inner));
    assertStringIncludes(text, "cb=[shield.<locals>._outer_done_callback()]");
    inner.setResult();
    await sleep(0);
  });
});
