/**
 * The workloads of `bench/streams.ts` with this library.
 *
 * Usage: own.ts WORKLOAD CONNECTIONS AMOUNT KIND, own.ts receive 0 0 KIND, or
 * own.ts send-to PORT AMOUNT KIND
 */

import {
  coroutine,
  createTask,
  gather,
  run,
  type Task,
} from "@asyncio/asyncio";
import {
  openConnection,
  type Server,
  startServer,
  type StreamReader,
  type StreamWriter,
} from "@asyncio/asyncio/streams";
import {
  BLOCK,
  checkReceipt,
  measureIdle,
  MESSAGE,
  type Receipt,
  report,
  startCpu,
} from "./_common.ts";

const [workload, connections, amount, kind] = Deno.args;
const isGenerator = kind === "generator";

function portOf(server: Server): number {
  const [address] = server.sockets;
  return address.transport === "tcp" ? address.port : 0;
}

const asyncKind = {
  async echo(reader: StreamReader, writer: StreamWriter) {
    for (;;) {
      const data = await reader.read(BLOCK);
      if (data.length === 0) break;
      writer.write(data);
      await writer.drain();
    }
  },
  client: coroutine(async function client(port: number, times: number) {
    const [reader, writer] = await openConnection("127.0.0.1", port);
    const message = new Uint8Array(MESSAGE).fill(97);
    for (let i = 0; i < times; i++) {
      writer.write(message);
      await writer.drain();
      await reader.readexactly(MESSAGE);
    }
    writer.close();
    await writer.waitClosed();
  }),
  async receive(reader: StreamReader, writer: StreamWriter) {
    const cpu = startCpu();
    const buffer = new Uint8Array(BLOCK);
    let received = 0;
    for (;;) {
      const count = await reader.readinto(buffer);
      if (count === 0) break;
      received += count;
    }
    const receipt: Receipt = { received, cpu: cpu() };
    writer.write(JSON.stringify(receipt));
  },
  send: coroutine(async function send(port: number, total: number) {
    const [reader, writer] = await openConnection("127.0.0.1", port);
    const block = new Uint8Array(BLOCK);
    for (let sent = 0; sent < total; sent += BLOCK) {
      writer.write(block);
      await writer.drain();
    }
    writer.writeEof();
    const receipt = new TextDecoder().decode(await reader.read());
    writer.close();
    return checkReceipt(receipt, total);
  }),
};

const generatorKind = {
  *echo(reader: StreamReader, writer: StreamWriter) {
    for (;;) {
      const data = yield* reader.read(BLOCK);
      if (data.length === 0) break;
      writer.write(data);
      yield* writer.drain();
    }
  },
  client: coroutine(function* client(port: number, times: number) {
    const [reader, writer] = yield* openConnection("127.0.0.1", port);
    const message = new Uint8Array(MESSAGE).fill(97);
    for (let i = 0; i < times; i++) {
      writer.write(message);
      yield* writer.drain();
      yield* reader.readexactly(MESSAGE);
    }
    writer.close();
    yield* writer.waitClosed();
  }),
  *receive(reader: StreamReader, writer: StreamWriter) {
    const cpu = startCpu();
    const buffer = new Uint8Array(BLOCK);
    let received = 0;
    for (;;) {
      const count = yield* reader.readinto(buffer);
      if (count === 0) break;
      received += count;
    }
    const receipt: Receipt = { received, cpu: cpu() };
    writer.write(JSON.stringify(receipt));
  },
  send: coroutine(function* send(port: number, total: number) {
    const [reader, writer] = yield* openConnection("127.0.0.1", port);
    const block = new Uint8Array(BLOCK);
    for (let sent = 0; sent < total; sent += BLOCK) {
      writer.write(block);
      yield* writer.drain();
    }
    writer.writeEof();
    const receipt = new TextDecoder().decode(yield* reader.read());
    writer.close();
    return checkReceipt(receipt, total);
  }),
};

const { client, send } = isGenerator ? generatorKind : asyncKind;
const echo = isGenerator ? generatorKind.echo : asyncKind.echo;
const receive = isGenerator ? generatorKind.receive : asyncKind.receive;

await run(async () => {
  if (workload === "echo") {
    await using server = await startServer(echo, "127.0.0.1", 0);
    const count = Number(connections);
    const times = Math.ceil(Number(amount) / count);
    await report(() => {
      const clients: Task<void>[] = [];
      for (let i = 0; i < count; i++) {
        clients.push(createTask(client(portOf(server), times)));
      }
      return gather(...clients);
    }, times * count);
  } else if (workload === "send") {
    await using server = await startServer(receive, "127.0.0.1", 0);
    const total = Number(amount);
    await report(async () => {
      await createTask(send(portOf(server), total)); // in this process as well
    }, total);
  } else if (workload === "send-to") {
    const total = Number(amount);
    await report(() => createTask(send(Number(connections), total)), total);
  } else if (workload === "receive") {
    const server = await startServer(receive, "127.0.0.1", 0);
    console.log(portOf(server));
    await server.serveForever();
  } else {
    let accepted = 0;
    const server = await startServer(
      isGenerator
        ? function* (reader: StreamReader) {
          accepted++;
          yield* reader.read(1);
        }
        : async (reader: StreamReader) => {
          accepted++;
          await reader.read(1);
        },
      "127.0.0.1",
      0,
    );
    await measureIdle(Number(connections), portOf(server), () => accepted);
    Deno.exit();
  }
});
