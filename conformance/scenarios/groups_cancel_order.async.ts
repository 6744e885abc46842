// In which order a group cancels its tasks.
// Derived from groups_cancel_order.ts by `deno task conformance --record`.
import {
  coroutine,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
  timeout,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

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
        for (const name of "abcdef") tg.createTask(child(name));
      });
    });
  } catch {
    print("timed out");
  }
}

await run(main);
