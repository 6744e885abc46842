// What cannot be started is an error, and so are wrong arguments.
// Derived from subprocess_errors.ts by `deno task conformance --record`.
import { run } from "@asyncio/asyncio";
import {
  createSubprocessExec,
  createSubprocessShell,
  PIPE,
  type SubprocessOptions,
} from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

const wrong = (value: unknown) => value as never;

async function attempt(
  what: string,
  program: string,
  args: string[] = [],
  options: SubprocessOptions = {},
) {
  try {
    await createSubprocessExec(program, args, options);
    print(what, "started");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) print(what, "not found");
    if (error instanceof Deno.errors.PermissionDenied) print(what, "denied");
    if (error instanceof TypeError || error instanceof RangeError) {
      print(what, "refused");
    }
  }
}

async function main() {
  await attempt("missing program", "no-such-program");
  await attempt("missing path", "/no/such/program");
  await attempt("not executable", "/etc/passwd");
  await attempt("missing cwd", "true", [], { cwd: "/no/such/folder" });
  await attempt("null character", "true", ["a\0b"]);
  await attempt("number", "true", [wrong(1)]);
  await attempt("program", wrong(1));
  await attempt("cwd", "true", [], { cwd: wrong(1) });
  await attempt("missing, with pipes", "no-such-program", [], {
    stdin: PIPE,
    stdout: PIPE,
    stderr: PIPE,
  });
  for (const command of [1, null, ["true"], "a\0b"]) {
    try {
      await createSubprocessShell(wrong(command));
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) {
        print("refused");
      }
    }
  }
}

await run(main);
