// Many processes run at once, and each gives its own output.
// Derived from subprocess_many.ts by `deno task conformance --record`.
import { gather, run } from "@asyncio/asyncio";
import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
import { print, text } from "../print.ts";

async function outputOf(word: string) {
  const process = await createSubprocessExec("echo", [word], { stdout: PIPE });
  const [stdout] = await process.communicate();
  return text(stdout).trim();
}

async function main() {
  const numbers = Array.from({ length: 10 }, (_, i) => i);
  print(
    await gather(numbers.map((i) =>
      async function () {
        return await outputOf(`foo${i}`);
      }
    )),
  );
}

await run(main);
