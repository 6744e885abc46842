import { assert } from "@std/assert";
import { text } from "./_streams.ts";

const { state } = Deno.permissions.querySync({ name: "run" });

/**
 * Registers a test that runs the tests of another file with all permissions, some of
 * which `deno task test` does not give.
 */
export function testInOwnProcess(
  name: string,
  file: URL,
  options: { ignore?: boolean } = {},
): void {
  Deno.test({
    name: `${name}, in a process that may use them`,
    ignore: state !== "granted" || options.ignore,
    async fn() {
      const { success, stdout, stderr } = await new Deno.Command(
        Deno.execPath(),
        {
          args: ["test", "--allow-all", "--quiet", file.href],
          env: { NO_COLOR: "1" },
        },
      ).output();
      assert(success, text(stdout) + text(stderr));
    },
  });
}
