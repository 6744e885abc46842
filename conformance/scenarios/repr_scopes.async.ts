// How timeouts and groups print.
// Derived from repr_scopes.ts by `deno task conformance --record`.
import {
  run,
  sleep,
  type TaskGroup,
  taskGroup,
  type Timeout,
  timeout,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  let scope!: Timeout;
  await timeout(null, async function (entered: Timeout) {
    scope = entered;
    print(scope);
  });
  print(scope);
  try {
    await timeout(1.5, async function (entered: Timeout) {
      scope = entered;
      print(scope);
      try {
        await sleep(60);
      } finally {
        print(scope);
      }
    });
  } catch {
    print(scope);
  }
  const group = await taskGroup(async function (tg: TaskGroup) {
    print(tg);
    const task = tg.createTask(sleep(1));
    tg.createTask(sleep(2));
    print(tg);
    await task;
    print(tg);
    return tg;
  });
  print(group);
}

await run(main);
