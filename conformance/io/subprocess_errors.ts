// What cannot be started is an error, and so are wrong arguments.
import { run } from "@asyncio/asyncio";
import {
  createSubprocessExec,
  createSubprocessShell,
  PIPE,
  type SubprocessOptions,
} from "@asyncio/asyncio/subprocess";
import { print } from "../print.ts";

const wrong = (value: unknown) => value as never;

function* attempt(
  what: string,
  program: string,
  args: string[] = [],
  options: SubprocessOptions = {},
) {
  try {
    yield* createSubprocessExec(program, args, options);
    print(what, "started");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) print(what, "not found");
    if (error instanceof Deno.errors.PermissionDenied) print(what, "denied");
    if (error instanceof TypeError || error instanceof RangeError) {
      print(what, "refused");
    }
  }
}

function* main() {
  yield* attempt("missing program", "no-such-program");
  yield* attempt("missing path", "/no/such/program");
  yield* attempt("not executable", "/etc/passwd");
  yield* attempt("missing cwd", "true", [], { cwd: "/no/such/folder" });
  yield* attempt("null character", "true", ["a\0b"]);
  yield* attempt("number", "true", [wrong(1)]);
  yield* attempt("program", wrong(1));
  yield* attempt("cwd", "true", [], { cwd: wrong(1) });
  yield* attempt("missing, with pipes", "no-such-program", [], {
    stdin: PIPE,
    stdout: PIPE,
    stderr: PIPE,
  });
  for (const command of [1, null, ["true"], "a\0b"]) {
    try {
      yield* createSubprocessShell(wrong(command));
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) {
        print("refused");
      }
    }
  }
}

await run(main);
