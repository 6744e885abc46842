// What a process has written can be read after its end, slowly.
// Derived from subprocess_read_after_exit.ts by `deno task conformance --record`.
import { run, sleep } from "@asyncio/asyncio";
import { createSubprocessShell, PIPE } from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

async function main() {
  let process = await createSubprocessShell(
    "head -c 30000 /dev/zero; exit 1",
    { stdout: PIPE },
  );
  print(await process.wait());
  let sizes = 0;
  let data: Uint8Array;
  while ((data = await process.stdout.read(4096)).length > 0) {
    sizes += data.length;
    await sleep(0.001);
  }
  print(sizes);

  process = await createSubprocessShell(
    "head -c 300000 /dev/zero; exit 2",
    { stdout: PIPE },
  );
  sizes = 0;
  while ((data = await process.stdout.read(65536)).length > 0) {
    sizes += data.length;
    await sleep(0.001);
  }
  print(sizes, await process.wait());
}

await run(main);
