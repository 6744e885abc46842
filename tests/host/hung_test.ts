import { assertEquals, assertMatch } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { createTask, EventLoop, Future, sleep } from "@asyncio/asyncio";
import { hasHostWork } from "../../_host/pending.ts";
import { KINDS, VirtualClock } from "../_helpers.ts";
import { Child, testChild } from "./_child.ts";

const NEVER_RESOLVED = /error: Top-level await promise never resolved/;

const HOST = "127.0.0.1";

const { state: NET_PERMISSION } = Deno.permissions.querySync({
  name: "net",
  host: HOST,
});

/** Waits for a child that ends because nothing can happen any more. */
async function assertEndsStuck(child: Child): Promise<string> {
  const { code, signal, errors } = await child.ends();
  assertEquals({ code, signal }, { code: 1, signal: null });
  assertMatch(errors, NEVER_RESOLVED);
  const [message] = errors.split("error: Top-level");
  return message;
}

/** Whether the host waits for anything but what this process began with. */
function hasWork(): Promise<boolean | null> {
  return hasHostWork(() => 0);
}

// The process ends

const WAITS = {
  async: `async function main() { await new Event().wait(); }`,
  generator: `function* main() { yield* new Event().wait(); }`,
};

for (const kind of KINDS) {
  testChild(
    `a program that waits for an event that nothing sets ends, and says which task waits for what (${kind})`,
    async () => {
      await using child = new Child(`
      ${WAITS[kind]}
      await run(main);
      console.log("not reached");
    `);
      assertMatch(
        await assertEndsStuck(child),
        /^The event loop cannot go on: nothing is left that wakes it\.\n {2}<Task pending coro=<main\(\) running at .*> wait_for=<Event \[unset, waiters:1\]> cb=\[_run_until_complete_cb\(\)\]>\n$/,
      );
    },
  );
}

testChild(
  "a short wait that the host does not count is not taken for the end, however long the loop was idle before",
  async () => {
    await using child = new Child(`
    await run(async function main() {
      await sleep(0.095); // the host is looked at after 0.1 s
      for (let i = 0; i < 20; i++) {
        await import("data:text/javascript,export default " + i);
      }
    });
  `);
    const { code, errors } = await child.ends();
    assertEquals({ code, errors }, { code: 0, errors: "" });
  },
);

testChild(
  "a program whose task waits for a native promise that nothing settles ends, and says so",
  async () => {
    await using child = new Child(`
    await run(async function main() {
      await new Promise(() => {});
    });
  `);
    assertMatch(
      await assertEndsStuck(child),
      /^The event loop .*\n {2}<Task pending coro=<main\(\) .*>, in a native promise\n$/,
    );
  },
);

testChild(
  "a program that is stuck names all of its tasks, once",
  async () => {
    await using child = new Child(`
    await run(async () => {
      for (const name of ["one", "two"]) {
        createTask(() => new Event().wait(), { name });
      }
      await new Event().wait();
    });
  `);
    const message = await assertEndsStuck(child);
    assertEquals(message.match(/<Task/g)?.length, 3);
    assertEquals(message.match(/name='one'/g)?.length, 1);
    assertEquals(message.match(/name='two'/g)?.length, 1);
  },
);

testChild(
  "three calls of run() that are stuck let the process end",
  async () => {
    await using child = new Child(`
    await Promise.all([1, 2, 3].map(() => run(() => new Event().wait())));
  `);
    const message = await assertEndsStuck(child);
    assertEquals(message.match(/cannot go on/g)?.length, 3);
  },
);

testChild(
  "a program that is stuck ends though the clock of its loop stands still before a timer",
  async () => {
    await using child = new Child(`
    const clock = { time: () => 0, wake: () => () => {} };
    await run(function* main() { yield* sleep(1); }, { clock });
  `);
    assertMatch(await assertEndsStuck(child), /coro=<main\(\) .* wait_for=/);
  },
);

testChild(
  "a program that nothing awaits says which task waits when it ends",
  async () => {
    await using child = new Child(`
    run(async function main() {
      await new Event().wait();
    });
  `);
    const { code, errors } = await child.ends();
    assertEquals(code, 0);
    assertMatch(errors, /^The event loop cannot go on.*\n.*main\(\).*\n$/);
  },
);

testChild(
  "a program that becomes stuck when the host's last timer has fired ends",
  async () => {
    await using child = new Child(`
    await run(async () => {
      setTimeout(() => console.log("fired"), 1);
      await new Event().wait();
    });
  `);
    await child.prints("fired");
    await assertEndsStuck(child);
  },
);

const ADD = "data:text/javascript,export const add = (a, b) => a + b;";

testChild(
  "idle workers of a pool do not hold a program that is stuck",
  async () => {
    await using child = new Child(
      `
    await run(async function main() {
      console.log(await toThread("${ADD}", "add", 1, 2));
      await new Event().wait();
    });
  `,
      ["--allow-read"],
    );
    await child.prints("3");
    assertMatch(await assertEndsStuck(child), /coro=<main\(\) .* wait_for=/);
  },
);

testChild(
  "a pool whose idle workers have ended starts others for the next call",
  async () => {
    await using child = new Child(
      `
    await run(async () => {
      await using pool = new library.ThreadPoolExecutor();
      console.log(await pool.submit("${ADD}", "add", 1, 2));
      // By timers of the host: the loop has none while it waits.
      while (!String(pool).includes("workers=0")) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      console.log(await pool.submit("${ADD}", "add", 3, 4));
    });
  `,
      ["--allow-read"],
    );
    await child.prints("3", "7");
    assertEquals((await child.ends()).code, 0);
  },
);

testChild(
  "tests that cannot go on fail with the host's own error, and the next one runs",
  async () => {
    const file = new URL("_stuck.ts", import.meta.url).pathname;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", file],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 1);
    const [output, errors] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assertMatch(output + errors, /1 passed \| 3 failed/);
    const reasons = output.match(
      /Promise resolution is still pending but the event loop has already/g,
    );
    assertEquals(reasons?.length, 3);
    const messages = (output + errors).match(
      /The event loop cannot go on.*\n {2}<Task pending/g,
    );
    assertEquals(messages?.length, 3);
  },
);

// The process does not end

/**
 * Blocks the thread until the loop's first look at the host is due, and lets
 * that happen.
 */
const LET_IT_LOOK = `
  async function letItLook() {
    const start = performance.now();
    while (performance.now() < start + 150);
    for (let i = 0; i < 10; i++) await new Promise((hop) => setTimeout(hop));
  }`;

testChild(
  "a program that waits while a server runs is not stuck, and Ctrl-C lets it clean up",
  async () => {
    await using child = new Child(
      `
    ${LET_IT_LOOK}
    const server = Deno.serve({
      port: 0,
      onListen: ({ port }) => console.log(port),
    }, async () => {
      await letItLook();
      return new Response("fine");
    });
    await run(async () => {
      try {
        await new Event().wait();
      } finally {
        await sleep(0);
        console.log("cleaned up");
        await server.shutdown();
      }
    });
  `,
      ["--allow-net"],
    );
    const response = await fetch(`http://localhost:${await child.line()}`);
    assertEquals(await response.text(), "fine");
    child.send("SIGINT");
    await child.prints("cleaned up");
    const { code, errors } = await child.ends();
    assertEquals([code, errors], [130, ""]);
  },
);

testChild(
  "a loop with a handler of a signal holds the process, though no top-level await does",
  async () => {
    await using child = new Child(`
    ${LET_IT_LOOK}
    const done = new Event();
    run(async () => {
      getRunningLoop().addSignalHandler("SIGUSR1", () => {
        console.log("handled");
        done.set();
      });
      setTimeout(async () => {
        await letItLook();
        console.log("ready");
      });
      await done.wait();
      console.log("done");
    });
  `);
    await child.prints("ready");
    child.send("SIGUSR1");
    await child.prints("handled", "done");
    const { code, errors } = await child.ends();
    assertEquals([code, errors], [0, ""]);
  },
);

testChild(
  "a loop without its last handler of a signal does not hold the process",
  async () => {
    await using child = new Child(`
    await run(async () => {
      const loop = getRunningLoop();
      loop.addSignalHandler("SIGUSR1", () => {});
      setTimeout(() => loop.removeSignalHandler("SIGUSR1"));
      await new Event().wait();
    });
  `);
    await assertEndsStuck(child);
  },
);

testChild(
  "a loop is not stuck while short operations of the host follow each other",
  async () => {
    // One of them is always pending, and each has another number.
    await using child = new Child(
      `
      await run(async () => {
        for (let i = 0; i < 10_000; i++) await Deno.stat(".");
      });
    `,
      ["--allow-read"],
    );
    const { code, errors } = await child.ends();
    assertEquals([code, errors], [0, ""]);
  },
);

testChild(
  "Deno.exit() while the loop is idle says nothing of a stuck loop",
  async () => {
    await using child = new Child(`
    setTimeout(() => Deno.exit(3));
    await run(() => new Event().wait());
  `);
    const { code, errors } = await child.ends();
    assertEquals([code, errors], [3, ""]);
  },
);

for (
  const [name, start] of [
    ["a server", () => {
      const options = { hostname: HOST, port: 0, onListen() {} };
      const server = Deno.serve(options, () => new Response());
      return () => server.shutdown();
    }],
    ["a listener", () => {
      const listener = Deno.listen({ hostname: HOST, port: 0 });
      const accepted = listener.accept().catch(() => {});
      return async () => {
        listener.close();
        await accepted;
      };
    }],
    ["a timer", () => {
      const timer = setTimeout(() => {}, 1e6);
      return async () => clearTimeout(timer);
    }],
    ["a worker", () => {
      const worker = new Worker("data:text/javascript,", { type: "module" });
      return async () => worker.terminate();
    }],
    ["a message port", () => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {};
      return async () => {
        port1.close();
        port2.close();
      };
    }],
  ] as [string, () => () => Promise<void>][]
) {
  Deno.test({
    name: `the host has work while ${name} is open`,
    ignore: NET_PERMISSION !== "granted",
    async fn() {
      assertEquals(await hasWork(), false);
      const stop = start();
      assertEquals(await hasWork(), true);
      await stop();
      // A worker ends some turns of the host after terminate().
      while (await hasWork());
    },
  });
}

// Debug mode

for (const kind of KINDS) {
  Deno.test(`in debug mode a cancelled task that is still in a native promise is named after a second, and again (${kind})`, async () => {
    using time = new FakeTime();
    using printed = stub(console, "error");
    const loop = new EventLoop({ debug: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    async function deaf() {
      await promise;
    }
    const running = loop.runUntilComplete(
      kind === "async"
        ? async () => {
          const task = createTask(deaf);
          await sleep(0);
          task.cancel();
          await sleep(100);
        }
        : function* () {
          const task = createTask(deaf);
          yield* sleep(0);
          task.cancel();
          yield* sleep(100);
        },
    );
    const messages = () => printed.calls.map(({ args }) => String(args[0]));
    await time.tickAsync(0);
    await time.tickAsync(900);
    assertEquals(messages(), []);
    await time.tickAsync(500);
    assertEquals(messages().length, 1);
    assertMatch(
      messages()[0],
      /^<Task cancelling coro=<deaf\(\) running at .*hung_test\.ts:\d+> .*> was cancelled 1 s ago and is still in a native promise at .*hung_test\.ts:\d+$/,
    );
    for (let i = 0; i < 8; i++) await time.tickAsync(500);
    assertEquals(messages().length, 3);
    assertMatch(messages()[1], /was cancelled 2 s ago/);
    assertMatch(messages()[2], /was cancelled 4 s ago/);
    resolve();
    for (let i = 0; i < 4; i++) await time.tickAsync(30_000);
    await running;
    loop.close();
    assertEquals(messages().length, 3);
  });
}

Deno.test("without debug mode a cancelled task in a native promise is not named", async () => {
  using time = new FakeTime();
  using printed = stub(console, "error");
  const loop = new EventLoop();
  const { promise, resolve } = Promise.withResolvers<void>();
  const running = loop.runUntilComplete(async () => {
    const task = createTask(async () => await promise);
    await sleep(0);
    task.cancel();
    await sleep(100);
  });
  await time.tickAsync(0);
  for (let i = 0; i < 10; i++) await time.tickAsync(500);
  resolve();
  for (let i = 0; i < 4; i++) await time.tickAsync(30_000);
  await running;
  loop.close();
  assertEquals(printed.calls.length, 0);
});

testChild(
  "in debug mode a cancelled task in a native promise does not hold the process",
  async () => {
    await using child = new Child(`
    await run(async function main() {
      currentTask().cancel();
      await new Promise(() => {});
    }, { debug: true });
  `);
    assertMatch(
      await assertEndsStuck(child),
      /main\(\).*, in a native promise/,
    );
  },
);

// Sanitizers

Deno.test("a loop that was idle leaves no timer and no listener", async () => {
  const loop = new EventLoop({ clock: new VirtualClock(), debug: true });
  await loop.runUntilComplete(sleep(1));
  const future = new Future({ loop });
  setImmediate(() => future.setResult(1));
  await loop.runUntilComplete(future);
  loop.close();
  // The sanitizer would find one.
});
