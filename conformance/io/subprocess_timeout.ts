// A time limit ends a wait for a process, and not the process.
import { run, TimeoutError, waitFor } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

function* main() {
  const process = yield* createSubprocessExec("cat", [], {
    stdin: PIPE,
    stdout: PIPE,
  });
  try {
    yield* waitFor(process.wait(), 0.05);
  } catch (error) {
    if (error instanceof TimeoutError) {
      print("still running", process.returncode);
    }
  }
  try {
    yield* waitFor(process.stdout.readline(), 0.05);
  } catch (error) {
    if (error instanceof TimeoutError) print("nothing to read");
  }
  process.stdin.write("part");
  try {
    yield* waitFor(process.stdout.readline(), 0.05);
  } catch (error) {
    if (error instanceof TimeoutError) print("no whole line");
  }
  process.stdin.write(" and the rest\n");
  print(text(yield* process.stdout.readline()).trimEnd());
  process.stdin.close();
  print(yield* process.wait());
}

await run(main);
