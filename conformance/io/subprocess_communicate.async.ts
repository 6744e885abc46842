// communicate() sends input, and gives what was piped.
// Derived from subprocess_communicate.ts by `deno task conformance --record`.
import { run } from "@asyncio/asyncio";
import {
  createSubprocessShell,
  DEVNULL,
  PIPE,
  STDOUT,
  type SubprocessOptions,
} from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

const SIZE = 1_000_000;

async function outcome(
  command: string,
  input: string | null,
  streams: SubprocessOptions,
) {
  const process = await createSubprocessShell(command, streams);
  const outputs = await process.communicate(input);
  print(
    process.returncode,
    ...outputs.map((output: Uint8Array | null) =>
      output === null
        ? null
        : output.length < SIZE
        ? text(output).trim()
        : output.length
    ),
  );
}

async function main() {
  await outcome("cat", "some data", { stdin: PIPE, stdout: PIPE });
  await outcome("wc -c", "", { stdin: PIPE, stdout: PIPE });
  await outcome("wc -c", null, { stdin: DEVNULL, stdout: PIPE });
  const both = "echo out; echo err >&2; exit 3";
  await outcome(both, null, { stdout: PIPE, stderr: PIPE });
  await outcome(both, null, { stdout: DEVNULL, stderr: PIPE });
  await outcome(both, null, { stdout: PIPE, stderr: DEVNULL });
  const mixed = "echo a; echo b >&2; echo c";
  await outcome(mixed, null, { stdout: PIPE, stderr: STDOUT });
  const all = { stdin: PIPE, stdout: PIPE, stderr: PIPE };
  await outcome("tee /dev/stderr", "x".repeat(SIZE), all);
  await outcome("true", "x".repeat(SIZE), { stdin: PIPE });
}

await run(main);
