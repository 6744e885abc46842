// A client of Redis in 60 lines. Its commands are pipelined: each is sent at
// once, and the answers come in the same order.
// Run it with --allow-net=127.0.0.1, beside a redis-server.

import { createTask, Future, gather, run, type Task } from "@asyncio/asyncio";
import {
  openConnection,
  type StreamReader,
  type StreamWriter,
} from "@asyncio/asyncio/streams";

type Reply = string | number | null | Reply[];

class Redis implements AsyncDisposable {
  #reader: StreamReader;
  #writer: StreamWriter;
  #waiting: Future<Reply>[] = [];
  #answers: Task<void>;

  constructor([reader, writer]: [StreamReader, StreamWriter]) {
    this.#reader = reader;
    this.#writer = writer;
    this.#answers = createTask(() => this.#receive());
    // If the server goes away, so do all that wait for it.
    this.#answers.catch((error) => {
      for (const future of this.#waiting) future.setException(error);
    });
  }

  /** Sends a command. The future gets the answer, also if nobody waits yet. */
  send(...words: (string | number)[]): Future<Reply> {
    const parts = words.map(String).map((word) =>
      `$${new TextEncoder().encode(word).length}\r\n${word}\r\n`
    );
    this.#writer.write(`*${words.length}\r\n${parts.join("")}`);
    const future = new Future<Reply>();
    this.#waiting.push(future);
    return future;
  }

  async #receive(): Promise<void> {
    for (;;) {
      const reply = await this.#reply();
      const future = this.#waiting.shift();
      if (future === undefined || future.done()) continue; // it was cancelled
      if (reply instanceof Error) future.setException(reply);
      else future.setResult(reply);
    }
  }

  async #reply(): Promise<Reply | Error> {
    const text = new TextDecoder();
    const line = text.decode(await this.#reader.readuntil("\r\n"));
    const [kind, rest] = [line[0], line.slice(1, -2)];
    if (kind === "+") return rest;
    if (kind === "-") return new Error(rest);
    if (kind === ":") return Number(rest);
    if (Number(rest) < 0) return null;
    if (kind === "$") {
      const bytes = await this.#reader.readexactly(Number(rest) + 2);
      return text.decode(bytes.subarray(0, -2));
    }
    const items: Reply[] = [];
    while (items.length < Number(rest)) {
      items.push(await this.#reply() as Reply);
    }
    return items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#answers.cancel();
    await this.#writer[Symbol.asyncDispose]();
  }
}

await run(async () => {
  const port = Number(Deno.args[0] ?? 6379);
  let streams: [StreamReader, StreamWriter];
  try {
    streams = await openConnection("127.0.0.1", port);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    console.log(`Skipped: there is no redis-server at port ${port}.`);
    return;
  }
  await using redis = new Redis(streams);
  await redis.send("DEL", "counter");
  const counts = await gather(
    Array.from({ length: 1000 }, () => redis.send("INCR", "counter")),
  );
  console.log(`The counter is at ${counts.at(-1)}.`);
  await redis.send("SET", "greeting", "héllo\r\nworld");
  console.log(await redis.send("MGET", "greeting", "missing", "counter"));
  await redis.send("INCR", "greeting").catch((error) =>
    console.log(`${error}`)
  );
  await redis.send("DEL", "counter", "greeting");
});
