// Streams against programs that are not ours: openssl, curl, nc, CPython, nginx
// and redis. `deno task peers` runs them; what is not installed is skipped.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { run, sleep, timeout, wrapFuture } from "@asyncio/asyncio";
import {
  openConnection,
  type Server,
  startServer,
  type StreamReader,
} from "@asyncio/asyncio/streams";
import ca from "../fixtures/tls/ca.pem" with { type: "text" };
import cert from "../fixtures/tls/cert.pem" with { type: "text" };
import key from "../fixtures/tls/key.pem" with { type: "text" };
import { bytes, text } from "../io/_streams.ts";

const HOST = "127.0.0.1";
const TLS = new URL("../fixtures/tls/", import.meta.url).pathname;

/** How long a test may take, in seconds. */
const PATIENCE = 20;

function isInstalled(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return [...folders, "/usr/sbin"].some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

function testPeer(
  program: string,
  name: string,
  body: () => Promise<void>,
): void {
  Deno.test({
    name: `${program}: ${name}`,
    ignore: !isInstalled(program),
    fn: () => run(() => timeout(PATIENCE, body)),
  });
}

function portOf(server: Server): number {
  const [address] = server.sockets;
  return address.transport === "tcp" ? address.port : 0;
}

/** A port that was free just now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return listener.addr.port;
}

/** Runs a program to its end, with some input. */
async function output(
  program: string,
  args: string[],
  input: string = "",
): Promise<string> {
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await wrapFuture(writer.write(bytes(input)));
  await wrapFuture(writer.close());
  const { stdout } = await wrapFuture(child.output());
  return text(stdout);
}

/** A program that serves until the end of the test. */
class Peer implements AsyncDisposable {
  #child: Deno.ChildProcess;

  constructor(program: string, args: string[]) {
    this.#child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.stdin.close();
    await this.#child.status;
  }
}

/** Connects as soon as somebody listens. */
async function whenListening<T>(connect: () => PromiseLike<T>): Promise<T> {
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await sleep(0.02);
    }
  }
}

/** Answers to one request of HTTP. */
async function answerHttp(
  reader: StreamReader,
  write: (data: string) => void,
): Promise<void> {
  const head: string[] = [];
  for await (const line of reader.lines()) {
    if (line === "") break;
    head.push(line);
  }
  const length = Number(
    head.map((line) => /^content-length: (\d+)$/i.exec(line)?.[1])
      .find((found) => found !== undefined) ?? 0,
  );
  const body = text(await reader.readexactly(length));
  const answer = `${head[0]} ${body}`;
  write(`HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n`);
  write(`Connection: close\r\n\r\n${answer}`);
}

testPeer("nc", "an echo server answers to netcat", async () => {
  await using server = await startServer(
    async (reader, writer) => {
      for await (const line of reader) {
        writer.write(text(line).toUpperCase());
        await writer.drain();
      }
    },
    HOST,
    0,
  );
  const port = String(portOf(server));
  assertEquals(
    await output("nc", ["-N", HOST, port], "one\ntwo\nthree"),
    "ONE\nTWO\nTHREE",
  );
});

testPeer("nc", "a client talks to netcat that listens", async () => {
  const port = freePort();
  const child = new Deno.Command("nc", {
    args: ["-l", "-N", HOST, String(port)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const [reader, writer] = await whenListening(() =>
    openConnection(HOST, port)
  );
  writer.write("to netcat\n");
  await wrapFuture(input.write(bytes("from netcat\n")));
  assertEquals(text(await reader.readline()), "from netcat\n");
  writer.writeEof();
  await wrapFuture(input.close());
  assertEquals(text(await reader.read()), "");
  const { stdout } = await wrapFuture(child.output());
  assertEquals(text(stdout), "to netcat\n");
  writer.close();
  await writer.waitClosed();
});

testPeer(
  "curl",
  "a server of HTTP answers to curl, plain and encrypted",
  async () => {
    for (const tls of [null, { cert, key }]) {
      await using server = await startServer(
        async (reader, writer) => {
          await answerHttp(reader, (data) => writer.write(data));
          await writer.drain();
        },
        HOST,
        0,
        { tls },
      );
      const port = portOf(server);
      const secure = ["--cacert", `${TLS}ca.pem`, "--resolve"];
      assertEquals(
        await output("curl", [
          "--silent",
          "--max-time",
          "10",
          "--data",
          "x".repeat(50_000),
          ...(tls === null ? [`http://${HOST}:${port}/path`] : [
            ...secure,
            `localhost:${port}:${HOST}`,
            `https://localhost:${port}/path`,
          ]),
        ]),
        `POST /path HTTP/1.1 ${"x".repeat(50_000)}`,
      );
    }
  },
);

testPeer("openssl", "s_client talks to an encrypted server", async () => {
  await using server = await startServer(
    async (reader, writer) => {
      writer.write(text(await reader.readline()).toUpperCase());
      await writer.drain();
    },
    HOST,
    0,
    { tls: { cert, key } },
  );
  const printed = await output("openssl", [
    "s_client",
    "-quiet",
    "-verify_return_error",
    "-CAfile",
    `${TLS}ca.pem`,
    "-servername",
    "localhost",
    "-connect",
    `${HOST}:${portOf(server)}`,
  ], "secret\n");
  assertStringIncludes(printed, "SECRET\n");
});

testPeer(
  "openssl",
  "an encrypted client talks to s_server, and startTls() too",
  async () => {
    const port = freePort();
    await using _peer = new Peer("openssl", [
      "s_server",
      "-rev",
      "-cert",
      `${TLS}cert.pem`,
      "-key",
      `${TLS}key.pem`,
      "-accept",
      `${HOST}:${port}`,
    ]);
    for (const late of [false, true]) {
      const [reader, writer] = await whenListening(() =>
        openConnection(
          HOST,
          port,
          late ? {} : {
            tls: { caCerts: [ca] },
            serverName: "localhost",
          },
        )
      );
      if (late) {
        await writer.startTls({ caCerts: [ca], serverName: "localhost" });
        assert(writer.getExtraInfo("sslobject") !== null);
      }
      writer.write("stressed\n");
      await writer.drain();
      assertEquals(text(await reader.readline()), "desserts\n");
      writer.close();
      await writer.waitClosed();
    }
  },
);

const ASYNCIO_SERVER = `
import asyncio, sys
async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
`;

testPeer("python3", "a client talks to a server of asyncio", async () => {
  const port = freePort();
  await using _peer = new Peer("python3", ["-c", ASYNCIO_SERVER, `${port}`]);
  const [reader, writer] = await whenListening(() =>
    openConnection(HOST, port)
  );
  for (let i = 0; i < 1000; i++) writer.write(`line ${i}\n`);
  writer.writeEof();
  let count = 0;
  for await (const line of reader.lines()) {
    assertEquals(line, `LINE ${count++}`);
  }
  assertEquals(count, 1000);
  writer.close();
  await writer.waitClosed();
});

const ASYNCIO_CLIENT = `
import asyncio, sys
async def main():
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    for i in range(1000):
        writer.write(b"line %d\\n" % i)
    await writer.drain()
    for i in range(1000):
        assert await reader.readline() == b"LINE %d\\n" % i
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    print("all came back")
asyncio.run(main())
`;

testPeer("python3", "a client of asyncio talks to a server", async () => {
  await using server = await startServer(
    async (reader, writer) => {
      for await (const line of reader) {
        writer.write(text(line).toUpperCase());
        await writer.drain();
      }
    },
    HOST,
    0,
  );
  assertEquals(
    await output("python3", ["-c", ASYNCIO_CLIENT, `${portOf(server)}`]),
    "all came back\n",
  );
});

testPeer("nginx", "a client asks nginx, pipelined", async () => {
  const port = freePort();
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/index.html`, "hello from nginx\n");
    Deno.writeTextFileSync(
      `${folder}/nginx.conf`,
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
       events {}
       http { access_log off; client_body_temp_path ${folder}/b;
         proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
         uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
         server { listen ${HOST}:${port}; root ${folder}; } }`,
    );
    await using _peer = new Peer("/usr/sbin/nginx", [
      "-p",
      folder,
      "-c",
      `${folder}/nginx.conf`,
    ]);
    const [reader, writer] = await whenListening(() =>
      openConnection(HOST, port)
    );
    const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    writer.write(request.repeat(10));
    for (let i = 0; i < 10; i++) {
      const head = text(await reader.readuntil("\r\n\r\n"));
      assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
      const [, length] = /content-length: (\d+)/i.exec(head)!;
      const body = await reader.readexactly(Number(length));
      assertEquals(text(body), "hello from nginx\n");
    }
    writer.close();
    await writer.waitClosed();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

testPeer("redis-server", "examples/redis.ts counts to 1,000", async () => {
  const port = freePort();
  await using _peer = new Peer("redis-server", [
    "--port",
    `${port}`,
    "--bind",
    HOST,
    "--save",
    "",
  ]);
  const [, writer] = await whenListening(() => openConnection(HOST, port));
  writer.close();
  const example = new URL("../../examples/redis.ts", import.meta.url).pathname;
  const printed = await output(Deno.execPath(), [
    "run",
    `--allow-net=${HOST}`,
    example,
    `${port}`,
  ]);
  assertStringIncludes(printed, "The counter is at 1000.\n");
  assertStringIncludes(printed, "Error: ERR value is not an integer");
});

testPeer(
  "nc",
  "examples/chat.ts carries what clients say, and ends on SIGTERM",
  async () => {
    const example = new URL("../../examples/chat.ts", import.meta.url).pathname;
    const port = freePort();
    const chat = new Deno.Command(Deno.execPath(), {
      args: ["run", `--allow-net=${HOST}`, example, `${port}`],
      stdout: "piped",
    }).spawn();
    const lines = chat.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assertMatch((await wrapFuture(lines.read())).value!, /^Listening at port /);
    const join = (name: string) => {
      const child = new Deno.Command("nc", {
        args: [HOST, `${port}`],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const input = child.stdin.getWriter();
      const say = (line: string) => wrapFuture(input.write(bytes(`${line}\n`)));
      const heard = child.stdout.pipeThrough(new TextDecoderStream())
        .getReader();
      const next = async () => (await wrapFuture(heard.read())).value;
      return { child, input, name, next, say, ready: say(name) };
    };
    const ann = join("Ann");
    await ann.ready;
    await sleep(0.1);
    const bob = join("Bob");
    await bob.ready;
    assertEquals(await ann.next(), "* Bob joins\n");
    await ann.say("hi");
    assertEquals(await bob.next(), "Ann: hi\n");
    chat.kill("SIGTERM");
    assertEquals(await ann.next(), "* the room closes\n");
    assertEquals(await bob.next(), "* the room closes\n");
    assertEquals((await wrapFuture(lines.read())).value, "All have left.\n");
    assertEquals(await wrapFuture(lines.read()), {
      done: true,
      value: undefined,
    });
    assert((await wrapFuture(chat.status)).success);
    for (const { child, input, next } of [ann, bob]) {
      await wrapFuture(input.close().catch(() => {}));
      assertEquals(await next(), undefined);
      await wrapFuture(child.status);
    }
  },
);
