// A chat over TCP: what one says, all others hear. It ends gracefully on
// SIGTERM.
//
//   deno run --allow-net=127.0.0.1 examples/chat.ts 8888
//   nc 127.0.0.1 8888                  # in other terminals; say your name first
//   kill PID                           # of deno
//
// Without a port it plays a scene with three clients of its own, and ends.

import {
  CancelledError,
  Event,
  getRunningLoop,
  moveOnAfter,
  Queue,
  QueueFull,
  run,
  sleep,
  taskGroup,
} from "@asyncio/asyncio";
import {
  openConnection,
  type Server,
  startServer,
  type StreamReader,
  type StreamWriter,
} from "@asyncio/asyncio/streams";

/** How many lines may wait for someone who reads slowly. */
const PATIENCE = 100;
/** How long the last words may take, in seconds. */
const GRACE = 2;
/** How many can be in the room. The others wait outside. */
const SEATS = 1000;

class Room {
  #members = new Map<string, Queue<string>>();

  /** Tells everyone but `except`. Who reads too slowly has to go. */
  say(line: string, except?: string): void {
    for (const [name, lines] of this.#members) {
      if (name === except) continue;
      try {
        lines.putNowait(line);
      } catch (error) {
        if (!(error instanceof QueueFull)) throw error;
        lines.shutdown(true);
        this.#members.delete(name);
      }
    }
  }

  /** Whoever is in the room leaves it, after what was said to them. */
  close(): void {
    for (const lines of this.#members.values()) lines.shutdown();
    this.#members.clear();
  }

  /** One client, from the first line to the last. */
  async join(reader: StreamReader, writer: StreamWriter): Promise<void> {
    const lines = reader.lines();
    const { value: name = "", done } = await lines.next();
    if (done) return;
    if (name === "" || this.#members.has(name)) {
      writer.write("This name is taken.\n");
      return;
    }
    const inbox = new Queue<string>(PATIENCE);
    this.#members.set(name, inbox);
    this.say(`* ${name} joins`, name);
    try {
      await taskGroup(async (group) => {
        group.createTask(async () => {
          for await (const line of lines) this.say(`${name}: ${line}`, name);
          inbox.shutdown(); // the client has gone
        });
        for await (const line of inbox) {
          writer.write(`${line}\n`);
          await writer.drain();
        }
        group.cancel(); // the room was closed: nobody listens any more
      });
    } finally {
      if (this.#members.get(name) === inbox) this.#members.delete(name);
      this.say(`* ${name} leaves`);
    }
  }
}

/** Serves until `stop` is set. */
async function serve(
  port: number,
  stop: Event,
  started: (server: Server) => void,
): Promise<void> {
  const room = new Room();
  const server = await startServer(
    async (reader, writer) => {
      try {
        await room.join(reader, writer);
      } catch (error) {
        // Whoever vanishes is no concern of ours.
        if (error instanceof CancelledError || !writer.isClosing()) throw error;
      }
    },
    "127.0.0.1",
    port,
    { limit: 1000, maxClients: SEATS },
  );
  started(server);
  await stop.wait();
  server.close();
  room.say("* the room closes");
  room.close();
  await moveOnAfter(GRACE, async () => {
    await server.waitClosed();
  });
  server.abortClients();
  await server.waitClosed();
}

function portOf(server: Server): number {
  const [address] = server.sockets;
  return address.transport === "tcp" ? address.port : 0;
}

/** Three people, who do not interrupt each other. */
async function scene(port: number): Promise<void> {
  const enter = async (name: string) => {
    const [reader, writer] = await openConnection("127.0.0.1", port);
    writer.write(`${name}\n`);
    await sleep(0.05);
    return { reader, say: (line: string) => writer.write(`${line}\n`), writer };
  };
  const ann = await enter("Ann");
  const bob = await enter("Bob");
  const eve = await enter("Eve");
  ann.say("Hello!");
  await sleep(0.05);
  bob.say("Hello, Ann.");
  await sleep(0.05);
  eve.writer.close();
  await sleep(0.05);
  console.log("What Ann hears:");
  await moveOnAfter(0.1, async () => {
    for await (const line of ann.reader.lines()) console.log(`  ${line}`);
  });
  for (const { writer } of [ann, bob]) writer.close();
}

if (import.meta.main) {
  const given = Deno.args[0];
  await run(async () => {
    const stop = new Event();
    if (Deno.build.os !== "windows") {
      getRunningLoop().addSignalHandler("SIGTERM", () => stop.set());
    }
    if (given !== undefined) {
      await serve(Number(given), stop, (server) => {
        console.log(`Listening at port ${portOf(server)}, PID ${Deno.pid}`);
      });
      console.log("All have left.");
      return;
    }
    await taskGroup(async (group) => {
      const { promise, resolve } = Promise.withResolvers<Server>();
      group.createTask(() => serve(0, stop, resolve));
      await scene(portOf(await promise));
      stop.set();
    });
  });
}
