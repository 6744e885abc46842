// Many processes run at once, and each gives its own output.
import { gather, run } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

function* outputOf(word: string) {
  const process = yield* createSubprocessExec("echo", [word], { stdout: PIPE });
  const [stdout] = yield* process.communicate();
  return text(stdout).trim();
}

function* main() {
  const numbers = Array.from({ length: 10 }, (_, i) => i);
  print(
    yield* gather(numbers.map((i) =>
      function* () {
        return yield* outputOf(`foo${i}`);
      }
    )),
  );
}

await run(main);
