// A timeout around a group cancels its tasks, and a timeout can be in a group.
// Derived from groups_in_timeout.ts by `deno task conformance --record`.
import {
  coroutine,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
  timeout,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(async function child(name: string) {
  try {
    await sleep(60);
  } finally {
    print(name, "out");
  }
});

async function main() {
  try {
    await timeout(1, async function () {
      await taskGroup(async function (tg: TaskGroup) {
        tg.createTask(child("child"));
      });
    });
  } catch (error) {
    print(repr(error), currentTask()?.cancelling());
  }
  await taskGroup(async function (tg: TaskGroup) {
    const slow = tg.createTask(child("slow"));
    try {
      await timeout(1, async function () {
        await slow;
      });
    } catch {
      print("timed out", slow.cancelled());
    }
  });
  print(getRunningLoop().time());
}

await run(main);
