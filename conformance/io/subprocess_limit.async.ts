// A line that is longer than the limit is an error, and the next is read.
// Derived from subprocess_limit.ts by `deno task conformance --record`.
import { run, sleep } from "@asyncio/asyncio";
import { createSubprocessShell, PIPE } from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

async function main() {
  let process = await createSubprocessShell("echo 0123456789; echo ok", {
    stdout: PIPE,
    limit: 8,
  });
  await sleep(0.1);
  try {
    await process.stdout.readline();
  } catch (error) {
    if (error instanceof RangeError) print("too long");
  }
  print(text(await process.stdout.readline()).trimEnd());

  // communicate() takes no notice of it.
  process = await createSubprocessShell("head -c 100000 /dev/zero", {
    stdout: PIPE,
    limit: 8,
  });
  print((await process.communicate())[0].length);
}

await run(main);
