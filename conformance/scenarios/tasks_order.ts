// Tasks take turns, in order of creation.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const count = coroutine(function* count(name: string, times: number) {
  for (let number = 0; number < times; number++) {
    print(name, number);
    yield* sleep(0);
  }
  print(name, "ends");
});

function* main() {
  createTask(count("a", 2));
  const b = createTask(count("b", 4));
  createTask(count("c", 1));
  print("all created");
  yield* b;
  print("b awaited");
}

await run(main);
