// How timeouts and groups print.
import {
  run,
  sleep,
  type TaskGroup,
  taskGroup,
  type Timeout,
  timeout,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  let scope!: Timeout;
  yield* timeout(null, function* (entered: Timeout) {
    scope = entered;
    print(scope);
  });
  print(scope);
  try {
    yield* timeout(1.5, function* (entered: Timeout) {
      scope = entered;
      print(scope);
      try {
        yield* sleep(60);
      } finally {
        print(scope);
      }
    });
  } catch {
    print(scope);
  }
  const group = yield* taskGroup(function* (tg: TaskGroup) {
    print(tg);
    const task = tg.createTask(sleep(1));
    tg.createTask(sleep(2));
    print(tg);
    yield* task;
    print(tg);
    return tg;
  });
  print(group);
}

await run(main);
