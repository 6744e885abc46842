// A process reads what is written to it, and its output ends with it.
// Derived from subprocess_stdin_stdout.ts by `deno task conformance --record`.
import { run } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

async function main() {
  const process = await createSubprocessExec("cat", [], {
    stdin: PIPE,
    stdout: PIPE,
  });
  print(process.returncode, process.stderr);
  process.stdin.write("one\ntwo\nthree");
  await process.stdin.drain();
  print(text(await process.stdout.readline()).trimEnd());
  process.stdin.close();
  print(text(await process.stdout.read()));
  print(process.stdout.atEof(), (await process.stdout.read()).length);
  print(await process.wait(), process.returncode, await process.wait());
}

await run(main);
