// In which order a group cancels its tasks.
import {
  coroutine,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
  timeout,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const child = coroutine(function* child(name: string) {
  try {
    yield* sleep(60);
  } finally {
    print(name, "out");
  }
});

function* main() {
  try {
    yield* timeout(1, function* () {
      yield* taskGroup(function* (tg: TaskGroup) {
        for (const name of "abcdef") tg.createTask(child(name));
      });
    });
  } catch {
    print("timed out");
  }
}

await run(main);
