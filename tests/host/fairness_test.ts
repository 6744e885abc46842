// Copyright 2026 the asyncio authors. MIT license.

// Whether a busy loop leaves the host enough time for real sockets. That takes
// a real server, a client in a process of its own, and real time.

import { assert } from "@std/assert";
import {
  type Coroutine,
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

/** Lets microtasks pass. */
async function pass(microtasks: number): Promise<void> {
  for (let i = 0; i < microtasks; i++) await null;
}

/** Runs as many tasks of a function side by side. */
function runMany(
  tasks: number,
  spin: () => Coroutine<void>,
  begun: () => void,
): Promise<void> {
  return run(async () => {
    const all = Array.from({ length: tasks }, () => createTask(spin()));
    await sleep(0);
    begun();
    for (const task of all) await task;
  });
}

/**
 * Registers a test that compares a server beside busy loops with one beside a
 * plain loop.
 *
 * @param what What keeps the thread busy.
 * @param spin Does so until it is told that it is over. It says when it has begun.
 * @param functions How many functions the plain loop keeps busy.
 */
function testFairness(
  what: string,
  spin: (isOver: () => boolean, begun: () => void) => Promise<unknown>,
  functions = 0,
): void {
  const plainLoop = functions === 0
    ? "a plain loop"
    : "a plain loop of as many functions";
  Deno.test({
    name:
      `a server beside ${what} answers half as often as beside ${plainLoop}, and at most three times as late`,
    ignore: noNetwork || noProcesses,
    async fn() {
      await using load = new Load();
      await load.ask(1, () => {}); // opens the connections
      const rounds: { answers: Answers; plain: Answers }[] = [];
      do {
        const plain = await besidePlainLoop(load, functions);
        let isOver = false;
        const { promise, resolve: begun } = Promise.withResolvers<void>();
        const spinning = spin(() => isOver, begun);
        await promise;
        const answers = await load.ask(ASKING, () => isOver = true);
        await spinning;
        rounds.push({ answers, plain });
      } while (
        rounds.length < ROUNDS &&
        !rounds.some(({ answers, plain }) => isFair(answers, plain))
      );
      const { answers, plain } = rounds.at(-1)!;
      assert(isFair(answers, plain), Deno.inspect(rounds));
    },
  });
}

for (const kind of KINDS) {
  for (const tasks of [1, 100, 100_000]) {
    // Cause: the turn of the host was a digest in another thread. Often it was
    // over before the host looked at its sockets.
    testFairness(
      `${tasks} spinning ${kind} task(s)`,
      (isOver, begun) =>
        runMany(
          tasks,
          inKind(kind, function* (): Script<void> {
            while (!isOver()) yield sleep(0);
          }),
          begun,
        ),
      kind === "async" ? tasks : 0,
    );
  }

  // Of 40 microtasks the loop waits for the first 32 only if a step has not ended.
  for (const microtasks of [4, 40]) {
    // Cause: each idle wait counted as a turn of the host, though a microtask
    // had ended it.
    testFairness(
      `${kind} tasks that are woken after ${microtasks} microtasks`,
      (isOver, begun) =>
        runMany(
          2,
          inKind(kind, function* (): Script<void> {
            while (!isOver()) yield wrapFuture(pass(microtasks));
          }),
          begun,
        ),
    );
  }
}

// Cause: as above, and each step ended with a turn of the host that serves no
// sockets.
testFairness(
  "a task that waits for native functions",
  (isOver, begun) =>
    run(async () => {
      begun();
      while (!isOver()) {
        await pass(40);
        await wrapFuture(pass(4));
      }
    }),
);

// Cause: one loop waited for the host, and the others went on meanwhile.
testFairness("eight busy loops", (isOver, begun) =>
  Promise.all(
    Array.from({ length: 8 }, () =>
      run(function* () {
        begun();
        while (!isOver()) yield* sleep(0);
      })),
  ));

// Cause: each run began with a slice of its own, as if the host had had a turn.
testFairness("many short runs", async (isOver, begun) => {
  begun();
  while (!isOver()) await run(sleep(0));
});
