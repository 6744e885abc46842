// Tests of certificates for IP addresses. Deno wants --allow-sys for authorities
// that are passed to node:tls, so `tls_test.ts` runs them in a process of its own.

import { assertEquals, assertMatch } from "@std/assert";
import { sleep } from "@asyncio/asyncio";
import { openConnection } from "@asyncio/asyncio/streams";
import ca from "../fixtures/tls/ca.pem" with { type: "text" };
import cert from "../fixtures/tls/cert.pem" with { type: "text" };
import ipCa from "../fixtures/tls/ip_ca.pem" with { type: "text" };
import ipCert from "../fixtures/tls/ip_cert.pem" with { type: "text" };
import ipKey from "../fixtures/tls/ip_key.pem" with { type: "text" };
import key from "../fixtures/tls/key.pem" with { type: "text" };
import { caught } from "../_kinds.ts";
import { closed, HOST, portOf, serving, testNet } from "./_sockets.ts";
import { text } from "./_streams.ts";

// Cause: node:tls refuses an address as the name to ask for.
for (const localAddress of [null, HOST]) {
  const from = localAddress === null ? "" : ", with localAddress";
  testNet(`a certificate can be for an IP address${from}`, function* (net) {
    const server = yield* serving(net, function* (_reader, writer) {
      writer.write("hi");
      yield writer.drain();
    }, { tls: { cert: ipCert, key: ipKey } });
    const options = { tls: { caCerts: [ipCa] }, localAddress };
    const [reader, writer] = yield openConnection(
      HOST,
      portOf(server),
      options,
    );
    assertEquals(text(yield reader.read()), "hi");
    yield* closed(server, writer);
  });

  testNet(
    `a certificate for another IP address, or a name, is an error${from}`,
    function* (net) {
      for (
        const [tls, caCerts, serverName] of [
          [{ cert: ipCert, key: ipKey }, [ipCa], "127.0.0.2"],
          [{ cert, key }, [ca], HOST],
        ] as const
      ) {
        const server = yield* serving(net, function* () {
          yield sleep(0);
        }, { tls });
        const error = yield* caught(
          openConnection(HOST, portOf(server), {
            tls: { caCerts: [...caCerts] },
            serverName,
            localAddress,
          }),
        );
        assertMatch(String(error), /Cannot encrypt the connection to /);
        assertMatch(String(error), /not valid for name|does not match/);
        server.close();
        server.abortClients();
        yield server.waitClosed();
      }
    },
  );
}
