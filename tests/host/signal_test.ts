import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { coroutine, EventLoop, run, Runner, sleep } from "@asyncio/asyncio";
import { KINDS, VirtualClock } from "../_helpers.ts";
import { Child, testChild } from "./_child.ts";

/** Waits for a child that `run()` ends because of Ctrl-C. */
async function assertInterrupted(child: Child): Promise<void> {
  const { code, signal, errors } = await child.ends();
  assertEquals({ code, signal, errors }, {
    code: 130,
    signal: null,
    errors: "",
  });
}

// run() and Ctrl-C

/** The same program with both kinds of coroutines. */
const MAINS = {
  async: `async () => {
    createTask(async () => {
      try {
        await sleep(Infinity);
      } finally {
        await sleep(0);
        console.log("rest cleaned up");
      }
    });
    await sleep(0);
    try {
      console.log("ready");
      await sleep(Infinity);
    } finally {
      await sleep(0.001);
      console.log("main cleaned up");
    }
    console.log("not reached");
  }`,
  generator: `function* () {
    createTask(function* () {
      try {
        yield* sleep(Infinity);
      } finally {
        yield* sleep(0);
        console.log("rest cleaned up");
      }
    });
    yield* sleep(0);
    try {
      console.log("ready");
      yield* sleep(Infinity);
    } finally {
      yield* sleep(0.001);
      console.log("main cleaned up");
    }
    console.log("not reached");
  }`,
};

for (const kind of KINDS) {
  testChild(
    `Ctrl-C cancels main, lets all tasks clean up, and ends the process with status 130 (${kind})`,
    async () => {
      await using child = new Child(`
      await run(${MAINS[kind]});
      console.log("not reached");
    `);
      await child.prints("ready");
      child.send("SIGINT");
      await child.prints("main cleaned up", "rest cleaned up");
      await assertInterrupted(child);
    },
  );
}

testChild(
  "Ctrl-C reaches a main that only calls sleep(0)",
  async () => {
    await using child = new Child(`
    await run(async () => {
      console.log("ready");
      try {
        for (;;) await sleep(0);
      } finally {
        console.log("cleaned up");
      }
    });
  `);
    await child.prints("ready");
    child.send("SIGINT");
    await child.prints("cleaned up");
    await assertInterrupted(child);
  },
);

testChild("Ctrl-C reaches three tasks of a group under a timeout", async () => {
  await using child = new Child(`
    await run(() => timeout(60, () => taskGroup(async (group) => {
      for (const n of [1, 2, 3]) {
        group.createTask(async () => {
          try {
            console.log("ready", n);
            await sleep(Infinity);
          } finally {
            await sleep(0);
            console.log("cleaned up", n);
          }
        });
      }
    })));
  `);
  await child.prints("ready 1", "ready 2", "ready 3");
  child.send("SIGINT");
  await child.prints("cleaned up 1", "cleaned up 2", "cleaned up 3");
  await assertInterrupted(child);
});

testChild("Ctrl-C throws a CancelledError in main", async () => {
  await using child = new Child(`
    await run(async () => {
      try {
        console.log("ready");
        await sleep(Infinity);
      } catch (error) {
        console.log(error instanceof CancelledError, currentTask().cancelling());
        throw error;
      }
    });
  `);
  await child.prints("ready");
  child.send("SIGINT");
  await child.prints("true 1");
  await assertInterrupted(child);
});

testChild("Ctrl-C aborts the signal of main", async () => {
  await using child = new Child(`
    await run(async () => {
      const { signal } = currentTask();
      signal.addEventListener("abort", () => {
        console.log("aborted", signal.reason instanceof CancelledError);
      });
      console.log("ready");
      await sleep(Infinity);
    });
  `);
  await child.prints("ready");
  child.send("SIGINT");
  await child.prints("aborted true");
  await assertInterrupted(child);
});

testChild(
  "Ctrl-C while main awaits a native promise reaches it at its next wait",
  async () => {
    await using child = new Child(`
    await run(async () => {
      const { promise, resolve } = Promise.withResolvers();
      currentTask().signal.addEventListener("abort", resolve);
      console.log("ready");
      await promise;
      console.log("after the promise");
      await sleep(Infinity);
      console.log("not reached");
    });
  `);
    await child.prints("ready");
    child.send("SIGINT");
    await child.prints("after the promise");
    await assertInterrupted(child);
  },
);

testChild("a second Ctrl-C ends the process at once", async () => {
  await using child = new Child(`
    await run(async () => {
      try {
        console.log("ready");
        await sleep(Infinity);
      } finally {
        console.log("cleaning up");
        await shield(sleep(Infinity));
        console.log("not reached");
      }
    });
  `);
  await child.prints("ready");
  child.send("SIGINT");
  await child.prints("cleaning up");
  child.send("SIGINT");
  await assertInterrupted(child);
});

testChild(
  "a second Ctrl-C ends the process at once while other tasks clean up",
  async () => {
    await using child = new Child(`
    await run(async () => {
      createTask(async () => {
        try {
          await sleep(Infinity);
        } finally {
          console.log("cleaning up");
          await sleep(Infinity);
          console.log("not reached");
        }
      });
      await sleep(0);
      console.log("ready");
      await sleep(Infinity);
    });
  `);
    await child.prints("ready");
    child.send("SIGINT");
    await child.prints("cleaning up");
    child.send("SIGINT");
    assertEquals((await child.ends()).code, 130);
  },
);

testChild(
  "a main that catches Ctrl-C and returns keeps the process running",
  async () => {
    await using child = new Child(`
    const value = await run(async () => {
      try {
        console.log("ready");
        await sleep(Infinity);
      } catch {
        await sleep(0);
        return "kept running";
      }
    });
    console.log(value);
  `);
    await child.prints("ready");
    child.send("SIGINT");
    await child.prints("kept running");
    const { code, errors } = await child.ends();
    assertEquals([code, errors], [0, ""]);
  },
);

testChild(
  "a main that catches Ctrl-C and continues is ended by a second Ctrl-C",
  async () => {
    await using child = new Child(`
    await run(async () => {
      try {
        console.log("ready");
        await sleep(Infinity);
      } catch {
        console.log("going on");
      }
      await sleep(Infinity);
    });
  `);
    await child.prints("ready");
    child.send("SIGINT");
    await child.prints("going on");
    child.send("SIGINT");
    await assertInterrupted(child);
  },
);

testChild("a main that fails on Ctrl-C fails with its own error", async () => {
  await using child = new Child(`
    await run(async () => {
      try {
        console.log("ready");
        await sleep(Infinity);
      } finally {
        throw new RangeError("while cleaning up");
      }
    });
  `);
  await child.prints("ready");
  child.send("SIGINT");
  const { code, errors } = await child.ends();
  assertEquals(code, 1);
  assertMatch(errors, /RangeError: while cleaning up/);
});

testChild(
  "Ctrl-C cancels three concurrent calls of run(), and each cleans up",
  async () => {
    await using child = new Child(`
    const cleanUp = [3, 1, 2].map((n) => run(async () => {
      try {
        console.log("ready");
        await sleep(Infinity);
      } finally {
        await sleep(n / 1000);
        console.log("cleaned up");
      }
    }));
    await Promise.all(cleanUp);
    console.log("not reached");
  `);
    await child.prints("ready", "ready", "ready");
    child.send("SIGINT");
    await child.prints("cleaned up", "cleaned up", "cleaned up");
    await assertInterrupted(child);
  },
);

for (const kind of KINDS) {
  testChild(
    `Ctrl-C runs the finally and using blocks around run(), asynchronous ones too (${kind})`,
    async () => {
      await using child = new Child(`
      async function program() {
        await using _first = {
          async [Symbol.asyncDispose]() {
            await new Promise((resolve) => setTimeout(resolve));
            console.log("disposed");
          },
        };
        try {
          await run(${MAINS[kind]});
          console.log("not reached");
        } finally {
          await new Promise((resolve) => setTimeout(resolve));
          console.log("finally");
        }
      }
      await program();
      console.log("not reached");
    `);
      await child.prints("ready");
      child.send("SIGINT");
      await child.prints("main cleaned up", "rest cleaned up");
      await child.prints("finally", "disposed");
      await assertInterrupted(child);
    },
  );
}

testChild(
  "run() rejects with a KeyboardInterrupt that can be caught, and the program goes on",
  async () => {
    await using child = new Child(`
    try {
      await run(async () => {
        console.log("ready");
        await sleep(Infinity);
      });
    } catch (error) {
      console.log(
        error instanceof KeyboardInterrupt,
        error.cause instanceof CancelledError,
      );
    }
    console.log(await run(sleep(0, "goes on")));
  `);
    await child.prints("ready");
    child.send("SIGINT");
    await child.prints("true true", "goes on");
    const { code, errors } = await child.ends();
    assertEquals([code, errors], [0, ""]);
  },
);

testChild(
  "an uncaught KeyboardInterrupt ends the process though a server would hold it",
  async () => {
    await using child = new Child(
      `
    Deno.serve({ port: 0, onListen() {} }, () => new Response());
    await run(async () => {
      console.log("ready");
      await new Event().wait();
    });
  `,
      ["--allow-net"],
    );
    await child.prints("ready");
    child.send("SIGINT");
    await assertInterrupted(child);
  },
);

testChild(
  "an error that is not a KeyboardInterrupt is still printed after one was caught",
  async () => {
    await using child = new Child(`
    try {
      await run(async () => {
        console.log("ready");
        await sleep(Infinity);
      });
    } catch {
      throw new RangeError("mine");
    }
  `);
    await child.prints("ready");
    child.send("SIGINT");
    const { code, errors } = await child.ends();
    assertEquals(code, 1);
    assertMatch(errors, /RangeError: mine/);
  },
);

// The option `signals`

for (const [signal, status] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  testChild(
    `run({ signals }) lets main clean up on ${signal}, and the process ends with status ${status}`,
    async () => {
      await using child = new Child(`
      await run(${MAINS.async}, { signals: ["SIGINT", "${signal}"] });
    `);
      await child.prints("ready");
      child.send(signal);
      await child.prints("main cleaned up", "rest cleaned up");
      const { code, errors } = await child.ends();
      assertEquals([code, errors], [status, ""]);
    },
  );
}

testChild(
  "run({ signals }) rejects with a SignalInterrupt that names the signal",
  async () => {
    await using child = new Child(`
    try {
      await run(async () => {
        console.log("ready");
        await sleep(Infinity);
      }, { signals: ["SIGTERM"] });
    } catch (error) {
      console.log(
        error instanceof SignalInterrupt,
        error instanceof KeyboardInterrupt,
        error.signal,
        String(error),
        error.cause instanceof CancelledError,
      );
    }
  `);
    await child.prints("ready");
    child.send("SIGTERM");
    await child.prints("true false SIGTERM SignalInterrupt: SIGTERM true");
    assertEquals((await child.ends()).code, 0);
  },
);

testChild(
  "a second signal ends the process at once, whichever it is",
  async () => {
    await using child = new Child(`
    await run(async () => {
      try {
        console.log("ready");
        await sleep(Infinity);
      } finally {
        console.log("cleaning up");
        await shield(sleep(Infinity));
      }
    }, { signals: ["SIGINT", "SIGTERM"] });
  `);
    await child.prints("ready");
    child.send("SIGINT");
    await child.prints("cleaning up");
    child.send("SIGTERM");
    const { code, errors } = await child.ends();
    assertEquals([code, errors], [143, ""]);
  },
);

testChild(
  "run({ signals: [] }) leaves Ctrl-C to the host",
  async () => {
    await using child = new Child(`
    await run(async () => {
      try {
        console.log("ready");
        await sleep(Infinity);
      } finally {
        console.log("not reached");
      }
    }, { signals: [] });
  `);
    await child.prints("ready");
    child.send("SIGINT");
    assertEquals((await child.ends()).signal, "SIGINT");
  },
);

testChild("after run() Ctrl-C has its usual effect", async () => {
  await using child = new Child(`
    await run(async () => {});
    setInterval(() => {}, 1e6);
    console.log("ready");
  `);
  await child.prints("ready");
  child.send("SIGINT");
  assertEquals((await child.ends()).signal, "SIGINT");
});

// Runner and KeyboardInterrupt

testChild(
  "Runner.run() throws a KeyboardInterrupt on every Ctrl-C",
  async () => {
    await using child = new Child(`
    await using runner = new Runner();
    for (const n of [1, 2, 3]) {
      try {
        await runner.run(async () => {
          try {
            console.log("ready", n);
            await sleep(Infinity);
          } finally {
            await sleep(0);
            console.log("cleaned up", n);
          }
        });
      } catch (error) {
        console.log(
          error instanceof KeyboardInterrupt,
          error.name,
          error.cause instanceof CancelledError,
        );
      }
    }
    console.log(await runner.run(sleep(0, "goes on")));
  `);
    for (const n of [1, 2, 3]) {
      await child.prints(`ready ${n}`);
      child.send("SIGINT");
      await child.prints(`cleaned up ${n}`, "true KeyboardInterrupt true");
    }
    await child.prints("goes on");
    assertEquals((await child.ends()).code, 0);
  },
);

testChild(
  "an uncaught KeyboardInterrupt of a Runner ends the process with status 130 and no trace",
  async () => {
    await using child = new Child(`
    const runner = new Runner();
    await runner.run(async () => {
      console.log("ready");
      await sleep(Infinity);
    });
  `);
    await child.prints("ready");
    child.send("SIGINT");
    await assertInterrupted(child);
  },
);

testChild(
  "Ctrl-C causes no KeyboardInterrupt if main was already cancelled",
  async () => {
    await using child = new Child(`
    const runner = new Runner();
    try {
      await runner.run(async () => {
        const main = currentTask();
        main.cancel("by itself");
        try {
          await sleep(Infinity);
        } finally {
          console.log("cleaning up");
          await sleep(Infinity);
        }
      });
    } catch (error) {
      console.log(error.name);
    }
    await runner.close();
  `);
    await child.prints("cleaning up");
    child.send("SIGINT");
    await child.prints("CancelledError");
    assertEquals((await child.ends()).code, 0);
  },
);

testChild("Ctrl-C between two runs is left to the host", async () => {
  await using child = new Child(`
    const runner = new Runner();
    await runner.run(async () => {});
    setInterval(() => {}, 1e6);
    console.log("ready");
  `);
  await child.prints("ready");
  child.send("SIGINT");
  assertEquals((await child.ends()).signal, "SIGINT");
});

// addSignalHandler() and removeSignalHandler()

testChild(
  "addSignalHandler() calls the function with its arguments on every signal",
  async () => {
    await using child = new Child(`
    await run(async () => {
      const loop = getRunningLoop();
      let count = 0;
      const done = loop.createFuture();
      loop.addSignalHandler("SIGUSR1", (...args) => {
        console.log(++count, ...args, getRunningLoop() === loop, currentTask());
        if (count === 3) done.setResult();
      }, "a", "b");
      console.log("ready");
      await done;
    });
  `);
    await child.prints("ready");
    for (const n of [1, 2, 3]) {
      child.send("SIGUSR1");
      await child.prints(`${n} a b true null`);
    }
    const { code, errors } = await child.ends();
    assertEquals([code, errors], [0, ""]);
  },
);

testChild(
  "three signals have three handlers, and removing one does not affect the others",
  async () => {
    await using child = new Child(`
    await run(async () => {
      const loop = getRunningLoop();
      for (const signal of ["SIGUSR1", "SIGUSR2", "SIGTERM"]) {
        loop.addSignalHandler(signal, () => console.log(signal));
      }
      loop.addSignalHandler("SIGHUP", () => {
        console.log(
          loop.removeSignalHandler("SIGUSR2"),
          loop.removeSignalHandler("SIGUSR2"),
        );
      });
      console.log("ready");
      await sleep(Infinity);
    });
  `);
    await child.prints("ready");
    for (const signal of ["SIGUSR2", "SIGTERM", "SIGUSR1"] as const) {
      child.send(signal);
      await child.prints(signal);
    }
    child.send("SIGHUP");
    await child.prints("true false");
    for (const signal of ["SIGTERM", "SIGUSR1"] as const) {
      child.send(signal);
      await child.prints(signal);
    }
    child.send("SIGUSR2");
    assertEquals((await child.ends()).signal, "SIGUSR2");
  },
);

testChild(
  "addSignalHandler() replaces the previous handler",
  async () => {
    await using child = new Child(`
    await run(async () => {
      const loop = getRunningLoop();
      const done = loop.createFuture();
      loop.addSignalHandler("SIGUSR1", () => console.log("first"));
      loop.addSignalHandler("SIGUSR1", () => console.log("second"));
      loop.addSignalHandler("SIGUSR2", () => done.setResult());
      console.log("ready");
      await done;
    });
  `);
    await child.prints("ready");
    child.send("SIGUSR1");
    await child.prints("second");
    child.send("SIGUSR2");
    assertEquals((await child.ends()).code, 0);
  },
);

testChild("a handler of SIGTERM can cancel main, which cleans up", async () => {
  await using child = new Child(`
    try {
      await run(async () => {
        const main = currentTask();
        getRunningLoop().addSignalHandler("SIGTERM", () => main.cancel("SIGTERM"));
        try {
          console.log("ready");
          await sleep(Infinity);
        } finally {
          await sleep(0);
          console.log("cleaned up");
        }
      });
    } catch (error) {
      console.log(error.name, error.message);
    }
  `);
  await child.prints("ready");
  child.send("SIGTERM");
  await child.prints("cleaned up", "CancelledError SIGTERM");
  assertEquals((await child.ends()).code, 0);
});

testChild(
  "a handler of SIGINT takes precedence over that of run()",
  async () => {
    await using child = new Child(`
    await run(async () => {
      const loop = getRunningLoop();
      let count = 0;
      loop.addSignalHandler("SIGINT", () => {
        console.log("handled");
        if (++count === 3) {
          loop.removeSignalHandler("SIGINT");
          console.log("removed");
        }
      });
      console.log("ready");
      try {
        await sleep(Infinity);
      } finally {
        console.log("cancelled");
      }
    });
  `);
    await child.prints("ready");
    for (let i = 0; i < 3; i++) {
      child.send("SIGINT");
      await child.prints("handled");
    }
    await child.prints("removed");
    child.send("SIGINT");
    await child.prints("cancelled");
    await assertInterrupted(child);
  },
);

testChild(
  "an error of a handler is reported, and the loop continues",
  async () => {
    await using child = new Child(`
    await run(async () => {
      const loop = getRunningLoop();
      const done = loop.createFuture();
      loop.setExceptionHandler((_loop, { message }) => {
        console.log(message);
        done.setResult();
      });
      loop.addSignalHandler("SIGUSR1", function careless() {
        throw new Error("oops");
      });
      console.log("ready");
      await done;
      console.log("goes on");
    });
  `);
    await child.prints("ready");
    child.send("SIGUSR1");
    await child.prints("Exception in callback careless()", "goes on");
    assertEquals((await child.ends()).code, 0);
  },
);

testChild("closing the loop removes its handlers", async () => {
  await using child = new Child(`
    await run(async () => {
      getRunningLoop().addSignalHandler("SIGTERM", () => console.log("handled"));
    });
    setInterval(() => {}, 1e6);
    console.log("ready");
  `);
  await child.prints("ready");
  child.send("SIGTERM");
  assertEquals((await child.ends()).signal, "SIGTERM");
});

testChild("a handler does not keep the process alive", async () => {
  await using child = new Child(`
    await run(async () => {
      getRunningLoop().addSignalHandler("SIGTERM", () => {});
    });
    console.log("ended");
  `);
  await child.prints("ended");
  assertEquals((await child.ends()).code, 0);
});

// In this process

Deno.test("run() and Runner.run() leave no listener of SIGINT", async () => {
  const loopFactory = () => new EventLoop({ clock: new VirtualClock() });
  await run(sleep(1), { loopFactory });
  await using runner = new Runner({ loopFactory });
  await runner.run(sleep(1));
  await runner.run(async () => {
    throw new Error("mine");
  }).catch(() => {});
  // The sanitizer would find one.
});

const badSignals: [name: string, signal: unknown][] = [
  ["an unknown name", "SIGNOPE"],
  ["SIGKILL, which cannot be handled", "SIGKILL"],
  ["SIGSTOP, which cannot be handled", "SIGSTOP"],
  ["a number", 2],
  ["nothing", undefined],
];

for (const [name, signal] of badSignals) {
  Deno.test(`addSignalHandler() refuses ${name}`, () => {
    const loop = new EventLoop();
    assertThrows(
      () => loop.addSignalHandler(signal as Deno.Signal, () => {}),
      TypeError,
    );
    assertFalse(loop.removeSignalHandler(signal as Deno.Signal));
    loop.close();
  });
}

const badCallbacks: [name: string, callback: unknown, message: string][] = [
  ["nothing", undefined, "a callable object was expected"],
  ["a number", 1, "a callable object was expected"],
  ["a coroutine", sleep(0), "a callable object was expected"],
  [
    "a coroutine function",
    coroutine(async () => {}),
    "coroutines cannot be used with addSignalHandler()",
  ],
];

for (const [name, callback, message] of badCallbacks) {
  Deno.test(`addSignalHandler() refuses ${name} as callback`, () => {
    const loop = new EventLoop();
    assertThrows(
      () => loop.addSignalHandler("SIGINT", callback as () => void),
      TypeError,
      message,
    );
    assertFalse(loop.removeSignalHandler("SIGINT"));
    loop.close();
  });
}

Deno.test("addSignalHandler() of a closed loop is refused", () => {
  const loop = new EventLoop();
  loop.close();
  assertThrows(
    () => loop.addSignalHandler("SIGINT", () => {}),
    Error,
    "Event loop is closed",
  );
});

Deno.test("removeSignalHandler() of a signal without a handler returns false", () => {
  const loop = new EventLoop();
  assertFalse(loop.removeSignalHandler("SIGINT"));
  loop.close();
});
