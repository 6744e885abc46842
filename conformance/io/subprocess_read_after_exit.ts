// What a process has written can be read after its end, slowly.
import { run, sleep } from "@asyncio/asyncio";
import { createSubprocessShell, PIPE } from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

function* main() {
  let process = yield* createSubprocessShell(
    "head -c 30000 /dev/zero; exit 1",
    { stdout: PIPE },
  );
  print(yield* process.wait());
  let sizes = 0;
  let data: Uint8Array;
  while ((data = yield* process.stdout.read(4096)).length > 0) {
    sizes += data.length;
    yield* sleep(0.001);
  }
  print(sizes);

  process = yield* createSubprocessShell(
    "head -c 300000 /dev/zero; exit 2",
    { stdout: PIPE },
  );
  sizes = 0;
  while ((data = yield* process.stdout.read(65536)).length > 0) {
    sizes += data.length;
    yield* sleep(0.001);
  }
  print(sizes, yield* process.wait());
}

await run(main);
