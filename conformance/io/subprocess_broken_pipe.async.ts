// A process that reads no more breaks the pipe; communicate() ignores that.
// Derived from subprocess_broken_pipe.ts by `deno task conformance --record`.
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

async function main() {
  const one = await createSubprocessShell("head -c 1 >&2", {
    stdin: PIPE,
    stderr: PIPE,
  });
  one.stdin.write(DATA);
  try {
    await one.stdin.drain();
  } catch (error) {
    printIfBroken(error);
  }
  print(await one.wait());

  const two = await createSubprocessExec("true", [], { stdin: PIPE });
  await two.wait();
  await sleep(0.1); // CPython notices a little later
  two.stdin.write("too late");
  try {
    await two.stdin.drain();
  } catch (error) {
    printIfBroken(error);
  }

  const three = await createSubprocessExec("true", [], { stdin: PIPE });
  const [stdout, stderr] = await three.communicate(DATA);
  print(`(${stdout === null && "None"}, ${stderr === null && "None"})`);
  print(three.returncode);
}

await run(main);
