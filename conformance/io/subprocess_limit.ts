// A line that is longer than the limit is an error, and the next is read.
import { run, sleep } from "@asyncio/asyncio";
import { createSubprocessShell, PIPE } from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

function* main() {
  let process = yield* createSubprocessShell("echo 0123456789; echo ok", {
    stdout: PIPE,
    limit: 8,
  });
  yield* sleep(0.1);
  try {
    yield* process.stdout.readline();
  } catch (error) {
    if (error instanceof RangeError) print("too long");
  }
  print(text(yield* process.stdout.readline()).trimEnd());

  // communicate() takes no notice of it.
  process = yield* createSubprocessShell("head -c 100000 /dev/zero", {
    stdout: PIPE,
    limit: 8,
  });
  print((yield* process.communicate())[0].length);
}

await run(main);
