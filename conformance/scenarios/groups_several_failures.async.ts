// Failures while the group is shutting down are thrown together.
// Derived from groups_several_failures.ts by `deno task conformance --record`.
import {
  coroutine,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail(seconds: number, name: string) {
  try {
    await sleep(seconds);
  } catch {
    throw new RangeError(`${name}, when cancelled`);
  }
  throw new RangeError(`${name}, by itself`);
});

async function main() {
  try {
    await taskGroup(async function (tg: TaskGroup) {
      tg.createTask(fail(60, "a"));
      tg.createTask(fail(1, "b"));
    });
  } catch (group) {
    print(group);
    for (const error of (group as AggregateError).errors) print(repr(error));
  }
  try {
    await taskGroup(async function (tg: TaskGroup) {
      tg.createTask(fail(60, "task"));
      await sleep(1);
      throw new TypeError("body");
    });
  } catch (group) {
    for (const error of (group as AggregateError).errors) print(repr(error));
  }
}

await run(main);
