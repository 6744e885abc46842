// Virtual time beside what is outside of the loop: threads, streams, sockets.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  createTask,
  gather,
  getRunningLoop,
  Queue,
  sleep,
  type TaskGroup,
  taskGroup,
  timeout,
  TimeoutError,
  toThread,
} from "@asyncio/asyncio";
import { StreamReader, StreamWriter } from "@asyncio/asyncio/streams";
import {
  cancelEverywhere,
  DeadlockError,
  explore,
  runTest,
} from "@asyncio/asyncio/testing";
import { inKind, type Script, testKinds } from "../_helpers.ts";
import { text } from "../io/_streams.ts";

const MODULE = new URL("../fixtures/pool_functions.ts", import.meta.url);
const ROOT = new URL("../..", import.meta.url);
const read = await Deno.permissions.query({ name: "read", path: ROOT });
const net = await Deno.permissions.query({ name: "net", host: "127.0.0.1" });

Deno.test({
  name: "a call in a thread takes real time, and virtual time waits for it",
  ignore: read.state !== "granted",
  async fn() {
    for (const kind of ["async", "generator"] as const) {
      await runTest(
        inKind(kind, function* main(): Script<void> {
          const nap = createTask(sleep(1));
          const sum = yield timeout(
            0.5,
            async () => await toThread(MODULE, "add", 3, 4),
          );
          assertEquals(sum, 7);
          assertEquals(getRunningLoop().time(), 0);
          yield nap;
          assertEquals(getRunningLoop().time(), 1);
        }).body,
      );
    }
  },
});

Deno.test({
  name: "a request to a server takes real time, and virtual time waits for it",
  ignore: net.state !== "granted",
  async fn() {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return new Response("hello");
      },
    );
    const { port } = server.addr;
    await runTest(async () => {
      const body = await timeout(5, async () => {
        const response = await fetch(`http://127.0.0.1:${port}`);
        return await response.text();
      });
      assertEquals(body, "hello");
      assertEquals(getRunningLoop().time(), 0);
    });
    await server.shutdown();
  },
});

Deno.test({
  name: "what a connection from before the test may bring is no deadlock",
  ignore: net.state !== "granted",
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = listener.accept();
    using client = await Deno.connect({
      hostname: "127.0.0.1",
      port: listener.addr.port,
    });
    using server = await accepted;
    const buffer = new Uint8Array(5);
    const reading = client.read(buffer);
    // Later than a native promise is waited for before the host is asked.
    setTimeout(() => server.write(new TextEncoder().encode("hello")), 150);
    await runTest(async () => {
      assertEquals(await reading, 5);
      assertEquals(text(buffer), "hello");
    });
  },
});

/** Lines through a pipe, one every ten virtual seconds. */
function pipe(kind: "async" | "generator"): () => Promise<void> {
  return inKind(kind, function* main(): Script<void> {
    const { readable, writable } = new TransformStream<Uint8Array>();
    const reader = new StreamReader(readable);
    const writer = new StreamWriter(writable);
    const write = inKind(kind, function* write(): Script<void> {
      for (const line of ["first\n", "second\n"]) {
        yield sleep(10);
        writer.write(line);
        yield writer.drain();
      }
      writer.close();
      yield writer.waitClosed();
    });
    const task = createTask(write());
    assertEquals(text(yield reader.readline()), "first\n");
    assertEquals(text(yield reader.readline()), "second\n");
    assertEquals(text(yield reader.readline()), "");
    yield task;
    assertEquals(getRunningLoop().time(), 20);
  }).body as () => Promise<void>;
}

testKinds(
  "a pipe of streams inside the test does not stop virtual time",
  (kind) => runTest(pipe(kind)),
);

testKinds("a pipe of streams can be explored", async (kind) => {
  const { runs, nativePromises } = await explore(pipe(kind), { runs: 10 });
  assertEquals(runs, 10);
  assert(nativePromises > 0);
});

/** A group of workers that share a queue. */
function workers(kind: "async" | "generator", done: string[]) {
  return inKind(kind, function* main(): Script<void> {
    done.length = 0;
    const queue = new Queue<string>(1);
    const work = inKind(kind, function* work(): Script<void> {
      for (;;) {
        const job: string = yield queue.get();
        yield sleep(1);
        done.push(job);
        queue.taskDone();
      }
    });
    yield taskGroup(async (group: TaskGroup) => {
      const tasks = ["a", "b", "c"].map(() => group.createTask(work()));
      for (let job = 0; job < 9; job++) await queue.put(`${job}`);
      await queue.join();
      for (const task of tasks) task.cancel();
    });
  }).body;
}

testKinds(
  "a group of workers with a queue runs, and keeps its jobs under any schedule",
  async (kind) => {
    const done: string[] = [];
    const body = workers(kind, done) as () => Promise<void>;
    await runTest(body);
    assertEquals(done, [..."012345678"]);
    await explore(async () => {
      await body();
      assertEquals(done.toSorted(), [..."012345678"]);
    }, { runs: 30, level: "turns" });
  },
);

testKinds(
  "a worker that dies leaves its group, and a job that is not done",
  async (kind) => {
    // Once a worker was cancelled, nobody calls taskDone() for its job.
    const body = workers(kind, []) as () => Promise<void>;
    const error = await assertRejects(() => cancelEverywhere(body), Error);
    assert(error.cause instanceof DeadlockError, `${error.cause}`);
  },
);

testKinds(
  "cancelling everywhere reaches a pipe of streams",
  (kind) =>
    cancelEverywhere(
      inKind(kind, function* main(): Script<void> {
        yield taskGroup(async (group: TaskGroup) => {
          const { readable, writable } = new TransformStream<Uint8Array>();
          const reader = new StreamReader(readable);
          const writer = new StreamWriter(writable);
          group.createTask(async () => {
            await sleep(1);
            writer.write("line\n");
            await writer.drain();
            writer.close();
          });
          try {
            await timeout(5, async () => await reader.readline());
          } catch (error) {
            if (!(error instanceof TimeoutError)) throw error;
          } finally {
            writer.close();
          }
        });
      }).body,
    ).then(() => {}),
);

testKinds(
  "gather() of native async functions jumps with them",
  async (kind) => {
    await runTest(
      inKind(kind, function* main(): Script<void> {
        const native = async (seconds: number) => {
          await sleep(seconds);
          return seconds;
        };
        assertEquals(yield gather(native(10), native(20), native(30)), [
          10,
          20,
          30,
        ]);
        assertEquals(getRunningLoop().time(), 30);
      }).body,
    );
  },
);
