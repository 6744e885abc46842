// ASYNCIO_DEBUG in the environment, in processes of their own.

import { assertEquals } from "@std/assert";

const { state } = Deno.permissions.querySync({ name: "run" });

const LIBRARY = new URL("../../mod.ts", import.meta.url).href;

/** Whether a loop is in debug mode; and all else that the process prints. */
async function debugWith(
  value: string | null,
  flags: string[] = ["--allow-env=ASYNCIO_DEBUG"],
  options = "{}",
): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", ...flags, "-"],
    env: value === null ? {} : { ASYNCIO_DEBUG: value },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`
    import { getRunningLoop, run } from ${JSON.stringify(LIBRARY)};
    await run(async () => console.log(getRunningLoop().getDebug()), ${options});
  `));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).trim();
}

for (
  const [claim, expected, ...args] of [
    ["ASYNCIO_DEBUG=1 turns debug mode on", "true", "1"],
    ["ASYNCIO_DEBUG=0 does not", "false", "0"],
    ["an empty ASYNCIO_DEBUG does not", "false", ""],
    ["without ASYNCIO_DEBUG it is off", "false", null],
    [
      "where the environment may not be read, it is off, and nothing is asked",
      "false",
      "1",
      [],
    ],
    [
      "a loop that is made with debug: false is not in debug mode",
      "false",
      "1",
      undefined,
      "{ debug: false }",
    ],
  ] as const
) {
  Deno.test({
    name: claim,
    ignore: state !== "granted",
    async fn() {
      const [value, flags, options] = args;
      const given = flags === undefined ? undefined : [...flags];
      assertEquals(await debugWith(value, given, options), expected);
    },
  });
}
