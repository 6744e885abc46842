import { assert } from "@std/assert";
import { text } from "./_streams.ts";

Deno.test({
  name: "Unix sockets, in a process that may use them",
  ignore: Deno.permissions.querySync({ name: "run" }).state !== "granted" ||
    Deno.build.os === "windows",
  async fn() {
    const tests = new URL("unix_sockets.ts", import.meta.url);
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: ["test", "--allow-all", "--quiet", tests.href],
        env: { NO_COLOR: "1" },
      },
    ).output();
    assert(success, text(stdout) + text(stderr));
  },
});
