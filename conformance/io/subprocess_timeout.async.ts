// A time limit ends a wait for a process, and not the process.
// Derived from subprocess_timeout.ts by `deno task conformance --record`.
import { run, TimeoutError, waitFor } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

async function main() {
  const process = await createSubprocessExec("cat", [], {
    stdin: PIPE,
    stdout: PIPE,
  });
  try {
    await waitFor(process.wait(), 0.05);
  } catch (error) {
    if (error instanceof TimeoutError) {
      print("still running", process.returncode);
    }
  }
  try {
    await waitFor(process.stdout.readline(), 0.05);
  } catch (error) {
    if (error instanceof TimeoutError) print("nothing to read");
  }
  process.stdin.write("part");
  try {
    await waitFor(process.stdout.readline(), 0.05);
  } catch (error) {
    if (error instanceof TimeoutError) print("no whole line");
  }
  process.stdin.write(" and the rest\n");
  print(text(await process.stdout.readline()).trimEnd());
  process.stdin.close();
  print(await process.wait());
}

await run(main);
