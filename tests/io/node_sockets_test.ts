// Sockets of `node:net` and `node:tls`, which Deno has too.

import { assertEquals } from "@std/assert";
import { nodeSockets } from "../../_io/node_sockets.ts";
import ca from "../fixtures/tls/ca.pem" with { type: "text" };
import cert from "../fixtures/tls/cert.pem" with { type: "text" };
import key from "../fixtures/tls/key.pem" with { type: "text" };
import { HOST, noNetwork } from "./_sockets.ts";

// Cause: Node.js does not tell of a client before its handshake, nor close it with
// the server.
Deno.test({
  name: "a client that has not begun its handshake is closed with the server",
  ignore: noNetwork,
  async fn() {
    const listener = await nodeSockets()!.listenTls({
      hostname: HOST,
      port: 0,
      cert,
      key,
    });
    const { port } = listener.addr as Deno.NetAddr;
    using silent = await Deno.connect({ hostname: HOST, port });
    using _next = await Deno.connectTls({
      hostname: HOST,
      port,
      caCerts: [ca],
      unsafelyDisableHostnameVerification: true,
    });
    const accepted = await listener.accept(); // so `silent` was accepted, too
    listener.close();
    const end = await silent.read(new Uint8Array(1)).catch(({ code }) => code);
    assertEquals(end === "ECONNRESET" ? null : end, null);
    accepted.close();
  },
});
