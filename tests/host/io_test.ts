// Tests that need real sockets, processes, time and memory. Each test that needs
// a permission is skipped without it.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertMatch,
} from "@std/assert";
import {
  CancelledError,
  coroutine,
  createTask,
  EventLoop,
  run,
  runCoroutineThreadsafe,
  sleep,
  type Task,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import { inKind, KINDS } from "../_helpers.ts";

const HOST = "127.0.0.1";

async function denies(
  descriptor: Deno.PermissionDescriptor,
): Promise<boolean> {
  const { state } = await Deno.permissions.query(descriptor);
  return state !== "granted";
}

const noNetwork = await denies({ name: "net", host: HOST });
const noProcesses = await denies({ name: "run", command: Deno.execPath() });

/** Runs `body` with the address of a server on a port of its own. */
async function withServer(
  handler: (request: Request) => Response | Promise<Response>,
  body: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { hostname: HOST, port: 0, onListen: () => {} },
    handler,
  );
  try {
    await body(`http://${HOST}:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

const readText = coroutine(async function readText(url: string) {
  const response = await wrapFuture((signal) => fetch(url, { signal }));
  return await wrapFuture(response.text());
});

Deno.test({
  name: "a task can wait for fetch()",
  ignore: noNetwork,
  async fn() {
    await withServer(
      () => new Response("hello"),
      async (url) => assertEquals(await run(readText(url)), "hello"),
    );
  },
});

/** Far more than needed, so that a broken test fails instead of hanging. */
const SECONDS_TO_HANG_UP = 30;

Deno.test({
  name: "cancelling a task aborts its fetch(), and the server sees it",
  ignore: noNetwork,
  async fn() {
    using listener = Deno.listen({ hostname: HOST, port: 0 });
    const received = Promise.withResolvers<void>();
    /** A server that never answers, and reads until the client hangs up. */
    async function serveOne(): Promise<string> {
      using connection = await listener.accept();
      const buffer = new Uint8Array(4096);
      const length = await connection.read(buffer);
      received.resolve();
      const next = await connection.read(buffer);
      assertEquals(next, null, "the client hung up");
      return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
    }
    const served = serveOne();
    await run(async () => {
      const { port } = listener.addr as Deno.NetAddr;
      const task = createTask(readText(`http://${HOST}:${port}/slow`));
      await wrapFuture(received.promise);
      task.cancel("enough");
      try {
        await task;
      } catch (error) {
        assertInstanceOf(error, CancelledError);
        assertEquals(error.message, "enough");
      }
      assert(task.cancelled());
      const request = await waitFor(served, SECONDS_TO_HANG_UP);
      assert(request.startsWith("GET /slow "), request);
    });
  },
});

Deno.test({
  name:
    "one of three tasks in fetch() can be cancelled, and the others get answers",
  ignore: noNetwork,
  async fn() {
    const answer = Promise.withResolvers<void>();
    const allReceived = Promise.withResolvers<void>();
    let received = 0;
    async function answerLate(): Promise<Response> {
      if (++received === 3) allReceived.resolve();
      await answer.promise;
      return new Response("hello");
    }
    await withServer(answerLate, async (url) => {
      await run(async () => {
        const tasks = [1, 2, 3].map(() => createTask(readText(url)));
        await wrapFuture(allReceived.promise);
        tasks[1].cancel();
        await sleep(0);
        assert(tasks[1].cancelled());
        answer.resolve();
        assertEquals([await tasks[0], await tasks[2]], ["hello", "hello"]);
      });
    });
  },
});

/** Far more steps than the loop takes before it lets the host have a turn. */
const MANY_STEPS = 50_000_000;

for (const kind of KINDS) {
  /** Spins until it is told to stop, or for far too many steps. */
  const spin = inKind(kind, function* spin(stop: { now: boolean }) {
    let steps = 0;
    while (!stop.now && steps < MANY_STEPS) {
      yield sleep(0);
      steps++;
    }
    return steps;
  });

  Deno.test(`a task that spins on sleep(0) does not starve a host timer (${kind})`, async () => {
    const stop = { now: false };
    const steps = await run(async () => {
      setTimeout(() => stop.now = true, 1);
      return await spin(stop);
    });
    assertLess(steps, MANY_STEPS);
  });

  Deno.test({
    name: `a task that spins on sleep(0) does not starve a server (${kind})`,
    ignore: noNetwork,
    async fn() {
      const stop = { now: false };
      await withServer(() => new Response("hello"), async (url) => {
        const steps = await run(async () => {
          const spinning = createTask(spin(stop));
          for (let i = 0; i < 3; i++) {
            assertEquals(await readText(url), "hello");
          }
          stop.now = true;
          return await spinning;
        });
        assertLess(steps, MANY_STEPS);
      });
    },
  });
}

Deno.test({
  name:
    "runCoroutineThreadsafe() runs a coroutine for a handler of Deno.serve()",
  ignore: noNetwork,
  async fn() {
    const loop = new EventLoop();
    const tasks = new Set<Task<unknown> | null>();
    const count = coroutine(async function count(text: string) {
      await sleep(0.001);
      return text.length;
    });
    loop.setTaskFactory((loop, coro, options) => {
      loop.setTaskFactory(null);
      const task = loop.createTask(coro, options);
      tasks.add(task);
      return task;
    });
    const running = loop.runForever(); // idle until the handler wakes it
    await withServer(
      async (request) => {
        const text = await request.text();
        return new Response(
          String(await runCoroutineThreadsafe(count(text), loop)),
        );
      },
      async (url) => {
        const response = await fetch(url, { method: "POST", body: "hello" });
        assertEquals(await response.text(), "5");
      },
    );
    assertEquals(tasks.size, 1, "it ran in that loop");
    loop.stop();
    await running;
    loop.close();
  },
});

/** Runs a program in a process of its own. */
async function runProgram(
  code: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  // Fires only if something else keeps the process alive that long.
  const watchdog =
    `Deno.unrefTimer(setTimeout(() => Deno.exit(99), 10_000));\n`;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--ext=ts", watchdog + code],
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "1" },
  });
  const output = await command.output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

Deno.test({
  name: "an idle running loop keeps the process alive until it is stopped",
  ignore: noProcesses,
  async fn() {
    assertEquals(
      await runProgram(`
        import { newEventLoop } from "@asyncio/asyncio";
        const loop = newEventLoop();
        // This timer does not keep the process alive.
        Deno.unrefTimer(setTimeout(() => loop.stop(), 10));
        await loop.runForever();
        console.log("stopped");
      `),
      { code: 0, stdout: "stopped\n", stderr: "" },
    );
  },
});

Deno.test({
  name:
    "a task that sleeps forever keeps the process alive until it is cancelled",
  ignore: noProcesses,
  async fn() {
    assertEquals(
      await runProgram(`
        import { createTask, run, sleep } from "@asyncio/asyncio";
        await run(async () => {
          const task = createTask(sleep(Infinity));
          Deno.unrefTimer(setTimeout(() => task.cancel(), 10));
          try {
            await task;
          } catch (error) {
            console.log(error.name);
          }
        });
      `),
      { code: 0, stdout: "CancelledError\n", stderr: "" },
    );
  },
});

Deno.test({
  name: "a stopped loop lets the process end, whatever is left in it",
  ignore: noProcesses,
  async fn() {
    assertEquals(
      await runProgram(`
        import { newEventLoop, sleep, wrapFuture } from "@asyncio/asyncio";
        const loop = newEventLoop();
        loop.callLater(3600, () => console.log("an hour later"));
        loop.createTask(sleep(3600));
        loop.createTask(async () => {
          await wrapFuture(new Promise(() => {}));
        });
        loop.callLater(0.01, () => loop.stop());
        await loop.runForever();
        console.log("stopped");
      `),
      { code: 0, stdout: "stopped\n", stderr: "" },
    );
  },
});

Deno.test({
  name: "a module that only imports the library ends at once",
  ignore: noProcesses,
  async fn() {
    assertEquals(
      await runProgram(`
        import { getEventLoop, sleep } from "@asyncio/asyncio";
        getEventLoop().createTask(sleep(3600));
        console.log("imported");
      `),
      { code: 0, stdout: "imported\n", stderr: "" },
    );
  },
});

Deno.test({
  name: "a program whose main task fails ends with its error and status 1",
  ignore: noProcesses,
  async fn() {
    const { code, stdout, stderr } = await runProgram(`
      import { run, sleep } from "@asyncio/asyncio";
      await run(async () => {
        try {
          await sleep(0);
          throw new RangeError("no luck");
        } finally {
          console.log("cleaned");
        }
      });
    `);
    assertEquals([code, stdout], [1, "cleaned\n"]);
    assert(stderr.includes("RangeError: no luck"), stderr);
  },
});

Deno.test({
  name: "an unretrieved exception of a task is printed once, with its stack",
  ignore: noProcesses,
  async fn() {
    const { code, stdout, stderr } = await runProgram(`
      import { createTask, run, sleep } from "@asyncio/asyncio";
      await run(async () => {
        createTask(async function careless() {
          throw new RangeError("no luck");
        });
        await sleep(0.01);
      });
    `);
    assertEquals([code, stdout], [0, ""]);
    const reports = stderr.split("Task exception was never retrieved").length;
    assertEquals(reports - 1, 1, stderr);
    assert(stderr.includes("RangeError: no luck"), stderr);
    assert(stderr.includes("    at careless"), stderr);
  },
});

// Cause: any file in the folder of the modules was taken for one of them.
Deno.test({
  name: "a program in the folder of the modules prints its own path",
  ignore: noProcesses,
  async fn() {
    const { code, stdout, stderr } = await runProgram(`
      import { createTask, run } from "@asyncio/asyncio";
      await run(async () => {
        console.log(String(createTask(async function tick() {})));
      });
    `);
    assertEquals([code, stderr], [0, ""]);
    // "deno eval" gives the program this name, in the current folder.
    assertMatch(stdout, /<tick\(\) running at \S+\$deno\$eval\S*:\d+>/);
  },
});

/** The number of steps between two samples of the heap. */
const STEPS_PER_SAMPLE = 1000;

/** How much the heap may grow: a few bytes for each step. */
const HEAP_TOLERANCE = 4 * 1024 * 1024;

for (const kind of KINDS) {
  Deno.test(`1,000,000 sleep(0) in one task do not grow the heap (${kind})`, async () => {
    // The minimum of several samples is the heap right after a collection. If it
    // is higher in the last quarter than in the second, memory was leaked.
    const samples: number[] = [];
    const work = inKind(kind, function* work() {
      for (let i = 0; i < 1_000_000; i++) {
        if (i % STEPS_PER_SAMPLE === 0) {
          samples.push(Deno.memoryUsage().heapUsed);
        }
        yield sleep(0);
      }
    });
    await run(work);
    const quarter = samples.length / 4;
    const before = Math.min(...samples.slice(quarter, 2 * quarter));
    const after = Math.min(...samples.slice(-quarter));
    assertLess(after - before, HEAP_TOLERANCE);
  });
}

Deno.test("100,000 finished tasks leave nothing behind", async () => {
  const samples: number[] = [];
  await run(async () => {
    for (let i = 0; i < 100_000; i++) {
      if (i % 100 === 0) samples.push(Deno.memoryUsage().heapUsed);
      await createTask(sleep(0));
    }
  });
  const quarter = samples.length / 4;
  const before = Math.min(...samples.slice(quarter, 2 * quarter));
  const after = Math.min(...samples.slice(-quarter));
  assertLess(after - before, HEAP_TOLERANCE);
});
