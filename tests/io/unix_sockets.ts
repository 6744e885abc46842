// Tests of Unix sockets. Deno wants all permissions for them, or a flag with the
// absolute path of each, so `unix_test.ts` runs them in a process of its own.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
} from "@std/assert";
import { wrapFuture } from "@asyncio/asyncio";
import {
  openUnixConnection,
  type Server,
  startUnixServer,
} from "@asyncio/asyncio/streams";
import { caught } from "../_kinds.ts";
import { closed, handlerOf, testNet } from "./_sockets.ts";
import { text } from "./_streams.ts";

const ignore = Deno.build.os === "windows";

const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => {
  Deno.removeSync(folder, { recursive: true });
});
let count = 0;

/** A path that no other test uses. */
function freshPath(): string {
  return `${folder}/${count++}.sock`;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

// Cause: to connect to any file is refused, as to a socket that nobody serves.
testNet("a file that is no socket is left alone", function* () {
  const path = freshPath();
  Deno.writeTextFileSync(path, "precious");
  const error = yield* caught(startUnixServer(() => {}, path));
  assertInstanceOf(error, Deno.errors.AddrInUse);
  assertMatch(error.message, /^Cannot listen at /);
  assertEquals(Deno.readTextFileSync(path), "precious");
});

testNet(
  "a Unix socket carries lines, and is removed with its server",
  function* (net) {
    const path = freshPath();
    const server: Server = yield startUnixServer(
      handlerOf(net, function* (reader, writer) {
        writer.write(yield reader.readline());
        yield writer.drain();
      }),
      path,
    );
    assertEquals(server.sockets, [{ transport: "unix", path }]);
    assertEquals(String(server), `<Server sockets=['${path}']>`);
    const [reader, writer] = yield openUnixConnection(path);
    assertEquals(writer.getExtraInfo("peername"), { transport: "unix", path });
    assertEquals(writer.getExtraInfo("sockname"), {
      transport: "unix",
      path: "",
    });
    writer.write("line\n");
    assertEquals(text(yield reader.read()), "line\n");
    yield* closed(server, writer);
    assert(!exists(path));
  },
  { ignore },
);

testNet(
  "a path at which a server listens is in use; one that a server has left is not",
  function* (net) {
    const path = freshPath();
    const server: Server = yield startUnixServer(() => {}, path);
    const error = yield* caught(startUnixServer(() => {}, path));
    assertInstanceOf(error, Deno.errors.AddrInUse);
    server.close();
    server.abortClients();
    yield server.waitClosed();
    const program = `
    Deno.listen({ transport: "unix", path: Deno.args[0] });
    Deno.kill(Deno.pid, "SIGKILL");
  `;
    const killed = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", program, path],
    });
    yield wrapFuture(killed.output());
    assert(exists(path));
    const next: Server = yield startUnixServer(
      handlerOf(net, function* (_reader, writer) {
        writer.write("next");
        yield writer.drain();
      }),
      path,
    );
    const [reader, writer] = yield openUnixConnection(path);
    assertEquals(text(yield reader.read()), "next");
    yield* closed(next, writer);
  },
  { ignore },
);

testNet("a path where nothing listens is an error that names it", function* () {
  const path = freshPath();
  const error = yield* caught(openUnixConnection(path));
  assertInstanceOf(error, Deno.errors.NotFound);
  assertMatch(error.message, /^Cannot connect to .*\.sock: /);
  const missing = yield* caught(startUnixServer(() => {}, `${path}/no/such`));
  assertInstanceOf(missing, Error);
  assertMatch(missing.message, /^Cannot listen at .*\/no\/such: /);
}, { ignore });
