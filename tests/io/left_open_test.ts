// In debug mode, a server that is left open is reported.

import { assertEquals, assertMatch } from "@std/assert";
import { type ExceptionContext, getRunningLoop, run } from "@asyncio/asyncio";
import { type Server, startServer } from "@asyncio/asyncio/streams";

const { state } = Deno.permissions.querySync({
  name: "net",
  host: "127.0.0.1",
});

Deno.test({
  name: "a server that is left open is reported when the loop is closed",
  ignore: state !== "granted",
  async fn() {
    const contexts: ExceptionContext[] = [];
    let left: Server | null = null;
    await run(async function main() {
      getRunningLoop().setExceptionHandler((_loop, context) =>
        contexts.push(context)
      );
      const closed = await startServer(async () => {}, "127.0.0.1", 0);
      closed.close();
      await closed.waitClosed();
      left = await startServer(async () => {}, "127.0.0.1", 0);
    }, { debug: true });
    assertEquals(contexts.length, 1);
    assertMatch(contexts[0].message!, /^Left open: <Server sockets=/);
    assertEquals(contexts[0].resource, left);
    assertEquals(contexts[0].source_traceback?.at(-1)?.name, "main");
    left!.close();
  },
});
