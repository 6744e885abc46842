// The return code is the exit status, or less than zero for a signal.
import { run } from "@asyncio/asyncio";
import {
  createSubprocessExec,
  createSubprocessShell,
  ProcessLookupError,
} from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

function* main() {
  let process = yield* createSubprocessShell("exit 7");
  print(process.returncode, yield* process.wait(), process.returncode);

  process = yield* createSubprocessExec("sleep", ["600"]);
  process.kill();
  print(yield* process.wait());

  process = yield* createSubprocessExec("sleep", ["600"]);
  process.terminate();
  print(yield* process.wait());

  process = yield* createSubprocessExec("sleep", ["600"]);
  process.sendSignal("SIGHUP");
  print(yield* process.wait());

  process = yield* createSubprocessShell("kill -USR1 $$");
  print(yield* process.wait());
  for (
    const act of [
      () => process.kill(),
      () => process.terminate(),
      () => process.sendSignal("SIGHUP"),
    ]
  ) {
    try {
      act();
    } catch (error) {
      if (error instanceof ProcessLookupError) print(error.name);
    }
  }
  print(`${process}`.replace(`${process.pid}`, "N"));
}

await run(main);
