// Copyright 2026 the asyncio authors. MIT license.

// Whether a busy loop leaves the host enough time for real sockets. That takes
// a real server, a client in a process of its own, and real time.

import { assert } from "@std/assert";
import {
  type Coroutine,
  coroutine,
  createTask,
  run,
  sleep,
  wrapFuture,
} from "@asyncio/asyncio";
import { inKind, KINDS, type Script } from "../_helpers.ts";

const HOST = "127.0.0.1";
const CLIENT = new URL("../fixtures/keep_alive_client.ts", import.meta.url);

async function denies(
  descriptor: Deno.PermissionDescriptor,
): Promise<boolean> {
  const { state } = await Deno.permissions.query(descriptor);
  return state !== "granted";
}

const noNetwork = await denies({ name: "net", host: HOST });
const noProcesses = await denies({ name: "run", command: Deno.execPath() });

/** For how long the clients ask, in milliseconds. */
const ASKING = 200;

/** How long the plain loop keeps the thread, in milliseconds. */
const PLAIN_SLICE = 4;

/**
 * How many times both sides are measured until they compare as they should.
 * Other processes of the machine can take the time of either.
 */
const ROUNDS = 12;

interface Answers {
  count: number;
  /** How late the slowest in a hundred were at least, in milliseconds. */
  slow: number;
}

function isFair(answers: Answers, plain: Answers): boolean {
  return answers.count >= plain.count / 2 &&
    answers.slow <= 3 * Math.max(plain.slow, PLAIN_SLICE);
}

/** A server in this process, and clients in another one. */
class Load {
  #server: Deno.HttpServer<Deno.NetAddr>;
  #client: Deno.ChildProcess;
  #requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #results: ReadableStreamDefaultReader<string>;

  constructor() {
    this.#server = Deno.serve(
      { hostname: HOST, port: 0, onListen: () => {} },
      () => new Response("hello"),
    );
    const address = `${HOST}:${this.#server.addr.port}`;
    this.#client = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-lock",
        "--no-config",
        `--allow-net=${address}`,
        CLIENT.href,
        `http://${address}/`,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#requests = this.#client.stdin.getWriter();
    this.#results = this.#client.stdout
      .pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Lets the clients ask, and calls `done` when they have all answers. */
  async ask(milliseconds: number, done: () => void): Promise<Answers> {
    await this.#requests.write(
      new TextEncoder().encode(String(milliseconds)),
    );
    let text = "";
    while (!text.endsWith("\n")) {
      const { value } = await this.#results.read();
      assert(value !== undefined, "the client ended");
      text += value;
    }
    done();
    const latencies = (JSON.parse(text) as number[]).sort((a, b) => a - b);
    const count = latencies.length;
    return { count, slow: latencies[Math.ceil(count * 0.99) - 1] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests.close();
    await this.#results.cancel();
    await this.#client.status;
    await this.#server.shutdown();
  }
}

/** How many functions a plain loop resumes before it looks at the clock. */
const PLAIN_BATCH = 100;

/**
 * What a loop of plain JavaScript answers, which yields by host timers.
 *
 * @param functions How many native async functions it keeps busy. The collector
 * of V8 stops the thread for as long as it takes to copy their promises, which
 * is 15 to 30 ms with 100,000 of them, whoever resumes them.
 */
async function besidePlainLoop(
  load: Load,
  functions: number,
): Promise<Answers> {
  let done = false;
  let waiting: (() => void)[] = [];
  const spin = async () => {
    while (!done) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const spinning = Array.from({ length: functions }, spin);
  const answers = load.ask(ASKING, () => done = true);
  let turn: (() => void)[] = [];
  while (!done) {
    const end = performance.now() + PLAIN_SLICE;
    while (performance.now() < end) {
      if (functions === 0) continue;
      if (turn.length === 0) [turn, waiting] = [waiting.reverse(), turn];
      for (let i = 0; i < PLAIN_BATCH; i++) turn.pop()?.();
      await null;
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  for (const resolve of [...turn, ...waiting]) resolve();
  await Promise.all(spinning);
  return await answers;
}

/** Measures both sides, until they compare as they should or it takes too long. */
async function compare(
  functions: number,
  tasks: number,
  spinning: (isDone: () => boolean) => () => Coroutine<void>,
): Promise<void> {
  await using load = new Load();
  await load.ask(1, () => {}); // opens the connections
  const rounds: { answers: Answers; plain: Answers }[] = [];
  await run(async () => {
    do {
      const plain = await besidePlainLoop(load, functions);
      let done = false;
      const spin = spinning(() => done);
      const all = Array.from({ length: tasks }, () => createTask(spin()));
      await sleep(0); // all have begun
      const answers = await load.ask(ASKING, () => done = true);
      for (const task of all) await task;
      rounds.push({ answers, plain });
    } while (
      rounds.length < ROUNDS &&
      !rounds.some(({ answers, plain }) => isFair(answers, plain))
    );
  });
  const { answers, plain } = rounds.at(-1)!;
  assert(isFair(answers, plain), Deno.inspect(rounds));
}

/** Lets microtasks pass. */
async function pass(microtasks: number): Promise<void> {
  for (let i = 0; i < microtasks; i++) await null;
}

for (const kind of KINDS) {
  for (const tasks of [1, 100, 100_000]) {
    // Cause: the turn of the host was a digest in another thread. Often it was
    // over before the host looked at its sockets.
    Deno.test({
      name:
        `a server beside ${tasks} spinning ${kind} task(s) answers half as often as beside a plain loop${
          kind === "async" ? " of as many functions" : ""
        }, and at most three times as late`,
      ignore: noNetwork || noProcesses,
      fn: () =>
        compare(
          kind === "async" ? tasks : 0,
          tasks,
          (isDone) =>
            inKind(kind, function* spin(): Script<void> {
              while (!isDone()) yield sleep(0);
            }),
        ),
    });
  }

  // Of 40 microtasks the loop waits for the first 32 only if a step has not ended.
  for (const microtasks of [4, 40]) {
    // Cause: each idle wait counted as a turn of the host, though a microtask
    // had ended it.
    Deno.test({
      name:
        `a server beside ${kind} tasks that are woken after ${microtasks} microtasks answers half as often as beside a plain loop, and at most three times as late`,
      ignore: noNetwork || noProcesses,
      fn: () =>
        compare(0, 2, (isDone) =>
          inKind(kind, function* spin(): Script<void> {
            while (!isDone()) yield wrapFuture(pass(microtasks));
          })),
    });
  }
}

// Cause: as above, and each step ended with a turn of the host that serves no
// sockets.
Deno.test({
  name:
    "a server beside a task that waits for native functions answers half as often as beside a plain loop, and at most three times as late",
  ignore: noNetwork || noProcesses,
  fn: () =>
    compare(0, 1, (isDone) =>
      coroutine(async () => {
        while (!isDone()) {
          await pass(40);
          await wrapFuture(pass(4));
        }
      })),
});
