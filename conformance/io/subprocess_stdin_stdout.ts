// A process reads what is written to it, and its output ends with it.
import { run } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

function* main() {
  const process = yield* createSubprocessExec("cat", [], {
    stdin: PIPE,
    stdout: PIPE,
  });
  print(process.returncode, process.stderr);
  process.stdin.write("one\ntwo\nthree");
  yield* process.stdin.drain();
  print(text(yield* process.stdout.readline()).trimEnd());
  process.stdin.close();
  print(text(yield* process.stdout.read()));
  print(process.stdout.atEof(), (yield* process.stdout.read()).length);
  print(yield* process.wait(), process.returncode, yield* process.wait());
}

await run(main);
