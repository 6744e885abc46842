// The return code is the exit status, or less than zero for a signal.
// Derived from subprocess_returncode.ts by `deno task conformance --record`.
import { run } from "@asyncio/asyncio";
import {
  createSubprocessExec,
  createSubprocessShell,
  ProcessLookupError,
} from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

async function main() {
  let process = await createSubprocessShell("exit 7");
  print(process.returncode, await process.wait(), process.returncode);

  process = await createSubprocessExec("sleep", ["600"]);
  process.kill();
  print(await process.wait());

  process = await createSubprocessExec("sleep", ["600"]);
  process.terminate();
  print(await process.wait());

  process = await createSubprocessExec("sleep", ["600"]);
  process.sendSignal("SIGHUP");
  print(await process.wait());

  process = await createSubprocessShell("kill -USR1 $$");
  print(await process.wait());
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
