// communicate() sends input, and gives what was piped.
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

function* outcome(
  command: string,
  input: string | null,
  streams: SubprocessOptions,
) {
  const process = yield* createSubprocessShell(command, streams);
  const outputs = yield* process.communicate(input);
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

function* main() {
  yield* outcome("cat", "some data", { stdin: PIPE, stdout: PIPE });
  yield* outcome("wc -c", "", { stdin: PIPE, stdout: PIPE });
  yield* outcome("wc -c", null, { stdin: DEVNULL, stdout: PIPE });
  const both = "echo out; echo err >&2; exit 3";
  yield* outcome(both, null, { stdout: PIPE, stderr: PIPE });
  yield* outcome(both, null, { stdout: DEVNULL, stderr: PIPE });
  yield* outcome(both, null, { stdout: PIPE, stderr: DEVNULL });
  const mixed = "echo a; echo b >&2; echo c";
  yield* outcome(mixed, null, { stdout: PIPE, stderr: STDOUT });
  const all = { stdin: PIPE, stdout: PIPE, stderr: PIPE };
  yield* outcome("tee /dev/stderr", "x".repeat(SIZE), all);
  yield* outcome("true", "x".repeat(SIZE), { stdin: PIPE });
}

await run(main);
