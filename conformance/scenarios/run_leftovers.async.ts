// Tasks that are left when run() ends are cancelled and awaited.
// Derived from run_leftovers.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const left = coroutine(async function left() {
  try {
    await sleep(60);
  } catch (error) {
    print("left", repr(error));
    await sleep(1);
    print("cleaned up", getRunningLoop().time());
    throw error;
  }
});

async function main() {
  createTask(left());
  getRunningLoop().callLater(1.5, print, "a timer still fires");
  getRunningLoop().callLater(60, print, "never");
  await sleep(1);
  return "main ends";
}

print(await run(main));
print("after run");
