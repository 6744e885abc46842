// A process that reads no more breaks the pipe; communicate() ignores that.
import { run, sleep } from "@asyncio/asyncio";
import {
  createSubprocessExec,
  createSubprocessShell,
  PIPE,
} from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

const DATA = "x".repeat(4_000_000);

function printIfBroken(error: unknown): void {
  if (
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset
  ) {
    print("the pipe is broken");
  }
}

function* main() {
  const one = yield* createSubprocessShell("head -c 1 >&2", {
    stdin: PIPE,
    stderr: PIPE,
  });
  one.stdin.write(DATA);
  try {
    yield* one.stdin.drain();
  } catch (error) {
    printIfBroken(error);
  }
  print(yield* one.wait());

  const two = yield* createSubprocessExec("true", [], { stdin: PIPE });
  yield* two.wait();
  yield* sleep(0.1); // CPython notices a little later
  two.stdin.write("too late");
  try {
    yield* two.stdin.drain();
  } catch (error) {
    printIfBroken(error);
  }

  const three = yield* createSubprocessExec("true", [], { stdin: PIPE });
  const [stdout, stderr] = yield* three.communicate(DATA);
  print(`(${stdout === null && "None"}, ${stderr === null && "None"})`);
  print(three.returncode);
}

await run(main);
