/**
 * The workloads of `bench/streams.ts` with Deno's sockets alone.
 *
 * Usage: deno.ts WORKLOAD CONNECTIONS AMOUNT, deno.ts receive, or
 * deno.ts send-to PORT AMOUNT
 */

import {
  BLOCK,
  checkReceipt,
  measureIdle,
  MESSAGE,
  type Receipt,
  report,
  startCpu,
} from "./_common.ts";

const [workload, connections, amount] = Deno.args;

function open(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await conn.write(bytes.subarray(done));
  }
}

async function echo(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(BLOCK);
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) break;
    await writeAll(conn, buffer.subarray(0, count));
  }
  conn.close();
}

async function serve(
  listener: Deno.TcpListener,
  handler: (conn: Deno.Conn) => Promise<void>,
): Promise<void> {
  const handled: Promise<void>[] = [];
  for await (const conn of listener) {
    conn.setNoDelay(true);
    handled.push(handler(conn));
  }
  await Promise.all(handled);
}

async function client(port: number, times: number): Promise<void> {
  const conn = await Deno.connect({ port });
  conn.setNoDelay(true);
  const message = new Uint8Array(MESSAGE).fill(97);
  const buffer = new Uint8Array(BLOCK);
  for (let i = 0; i < times; i++) {
    await writeAll(conn, message);
    for (let got = 0; got < MESSAGE;) {
      const count = await conn.read(buffer);
      if (count === null) throw new Error("closed");
      got += count;
    }
  }
  conn.close();
}

async function runEcho(count: number, total: number): Promise<void> {
  const listener = open();
  const served = serve(listener, echo);
  const times = Math.ceil(total / count);
  const round = () =>
    Promise.all(
      Array.from({ length: count }, () => client(listener.addr.port, times)),
    );
  await report(round, times * count);
  listener.close();
  await served;
}

async function receive(conn: Deno.Conn): Promise<void> {
  const cpu = startCpu();
  const buffer = new Uint8Array(BLOCK);
  let received = 0;
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) break;
    received += count;
  }
  const receipt: Receipt = { received, cpu: cpu() };
  await writeAll(conn, new TextEncoder().encode(JSON.stringify(receipt)));
  conn.close();
}

async function send(port: number, total: number): Promise<number> {
  const conn = await Deno.connect({ port });
  const block = new Uint8Array(BLOCK);
  for (let sent = 0; sent < total; sent += BLOCK) {
    await writeAll(conn, block);
  }
  await conn.closeWrite();
  return checkReceipt(await new Response(conn.readable).text(), total);
}

async function runSend(total: number): Promise<void> {
  const listener = open();
  const served = serve(listener, receive);
  await report(async () => {
    await send(listener.addr.port, total); // its time is of this process
  }, total);
  listener.close();
  await served;
}

async function runIdle(count: number): Promise<void> {
  const listener = open();
  const conns: Deno.Conn[] = [];
  void serve(listener, async (conn) => {
    conns.push(conn);
    await conn.read(new Uint8Array(1));
  });
  await measureIdle(count, listener.addr.port, () => conns.length);
  Deno.exit();
}

if (workload === "echo") await runEcho(Number(connections), Number(amount));
else if (workload === "send") await runSend(Number(amount));
else if (workload === "send-to") {
  await report(() => send(Number(connections), Number(amount)), Number(amount));
} else if (workload === "receive") {
  const listener = open();
  console.log(listener.addr.port);
  await serve(listener, receive);
} else await runIdle(Number(connections));
