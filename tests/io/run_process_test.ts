// runProcess().

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CalledProcessError,
  CancelledError,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  run,
  sleep,
  taskGroup,
  timeout,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import {
  type CompletedProcess,
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  PIPE,
  runProcess,
  STDOUT,
} from "@asyncio/asyncio/subprocess";
import { inKind, KINDS } from "../_helpers.ts";
import { beforeEachStep } from "../_internals.ts";
import {
  children,
  inRealTime,
  noProcesses,
  testInLoop,
  testInLoopKinds,
  testProcess,
  untilEnded,
} from "./_processes.ts";
import { text } from "./_streams.ts";

testInLoopKinds("runProcess() returns the output and the status", function* () {
  const command = "echo out; echo err >&2; exit 3";
  const done = yield runProcess(command);
  assertEquals(text(done.stdout), "out\n");
  assertEquals(text(done.stderr), "err\n");
  assertEquals(done.returncode, 3);
  assertStrictEquals(done.args, command);
});

testInLoop("a string is for the shell, an array is not", async () => {
  assertEquals(text((await runProcess("echo $((1 + 1))")).stdout), "2\n");
  const done = await runProcess(["echo", "$((1 + 1))", "*"]);
  assertEquals(text(done.stdout), "$((1 + 1)) *\n");
});

testInLoop(
  "input is what the command reads; without it there is none",
  async () => {
    for (const input of ["some text", new TextEncoder().encode("some text")]) {
      assertEquals(
        text((await runProcess("cat", { input })).stdout),
        "some text",
      );
    }
    assertEquals(text((await runProcess("cat")).stdout), "");
    assertEquals(text((await runProcess("cat", { input: "" })).stdout), "");
    assertEquals(text((await runProcess("cat", { input: null })).stdout), "");
  },
);

testInLoop("stdout and stderr can go elsewhere", async () => {
  const both = "echo out; echo err >&2";
  const merged = await runProcess(both, { stderr: STDOUT });
  assertEquals(text(merged.stdout), "out\nerr\n");
  assertStrictEquals(merged.stderr, null);
  const dropped = await runProcess(both, { stdout: DEVNULL });
  assertStrictEquals(dropped.stdout, null);
  assertEquals(text(dropped.stderr), "err\n");
  const usual = await runProcess(both, {
    stdout: undefined,
    stderr: undefined,
  });
  assertEquals(text(usual.stdout), "out\n");
  const none = await runProcess("true", { stdout: null, stderr: null });
  assertEquals([none.stdout, none.stderr], [null, null]);
});

testInLoop("cwd and env are those of the command", async () => {
  const done = await runProcess('pwd; echo "$NAME"', {
    cwd: "/",
    env: { NAME: "value" },
  });
  assertEquals(text(done.stdout), "/\nvalue\n");
});

testInLoop("check makes a failure an error that has the output", async () => {
  const command = "echo out; echo err >&2; exit 3";
  const error = await assertRejects(
    async () => await runProcess(command, { check: true }),
    CalledProcessError,
    `Command '${command}' returned non-zero exit status 3.`,
  );
  assertEquals(error.returncode, 3);
  assertEquals(text(error.stdout!), "out\n");
  assertStrictEquals(error.output, error.stdout);
  assertEquals(text(error.stderr!), "err\n");
  assertStrictEquals(error.cmd, command);
  await runProcess("true", { check: true });
});

testInLoop("check makes a signal an error", async () => {
  await assertRejects(
    async () =>
      await runProcess(["sh", "-c", "kill -KILL $$"], { check: true }),
    CalledProcessError,
    "Command 'sh -c kill -KILL $$' died with signal 9.",
  );
});

testInLoop("checkReturncode() throws if the command has failed", async () => {
  assertEquals((await runProcess("true")).checkReturncode(), undefined);
  const failed = await runProcess("false");
  assertThrows(() => failed.checkReturncode(), CalledProcessError);
});

testInLoop(
  "a completed process prints its command and its status",
  async () => {
    const done = await runProcess(["sh", "-c", "exit 2"]);
    const expected =
      "CompletedProcess(args=[ 'sh', '-c', 'exit 2' ], returncode=2)";
    assertEquals(`${done}`.replaceAll('"', "'"), expected);
  },
);

/** Prints the numbers of two descendants, and does not end. */
const TREE = "sleep 600 & echo $!; (sleep 601; :) & echo $!; wait";

/** A command that writes the numbers to a file, since no output comes out. */
async function withPids(
  body: (command: string) => Promise<void>,
): Promise<void> {
  const folder = await runProcess(["mktemp", "-d"], { check: true });
  const path = `${text(folder.stdout).trim()}/pids`;
  try {
    await runProcess(["mkfifo", path], { check: true });
    await body(`{ ${TREE}; } > ${path}`);
  } finally {
    await runProcess(["rm", "-r", path.slice(0, -5)], { check: true });
  }
}

testInLoop("a time limit ends the whole tree", async () => {
  await withPids(async (command) => {
    // Ends when both numbers were written: the command runs by then.
    const pids = runProcess(`head -n 2 ${command.split("> ")[1]}`);
    const reading = createTask(pids);
    await assertRejects(
      async () =>
        await timeout(null, async (scope) => {
          reading.addDoneCallback(() => scope.reschedule(0));
          await runProcess(command);
        }),
      TimeoutError,
    );
    const { stdout } = await reading;
    await untilEnded(...text(stdout).trim().split("\n").map(Number));
  });
});

testInLoop("a cancellation ends the whole tree", async () => {
  await withPids(async (command) => {
    const reading = createTask(
      runProcess(`head -n 2 ${command.split("> ")[1]}`),
    );
    const running = createTask(runProcess(command));
    const { stdout } = await reading;
    running.cancel("enough");
    await assertRejects(async () => await running, CancelledError, "enough");
    await untilEnded(...text(stdout).trim().split("\n").map(Number));
  });
});

testInLoop(
  "a second cancellation ends what ignores SIGTERM at once",
  async () => {
    const command = "trap '' TERM; while :; do sleep 0.01; done";
    const running = createTask(runProcess(command, { killAfter: 600 }));
    // One more process, to wait until the first has begun.
    await runProcess("sleep 0.05");
    running.cancel();
    await sleep(0.01);
    assert(!running.done());
    running.cancel();
    await assertRejects(async () => await running, CancelledError);
    assertEquals(children(), []);
  },
);

testInLoop("a group ends the trees of its tasks when one fails", async () => {
  await assertRejects(
    async () =>
      await taskGroup(async (group) => {
        group.createTask(runProcess("sleep 600; :"));
        group.createTask(runProcess(["sleep", "600"]));
        group.createTask(runProcess("exit 1", { check: true }));
      }),
    AggregateError,
  );
  assertEquals(children(), []);
});

for (const kind of KINDS) {
  testProcess(
    `a runProcess() leaves nothing behind, cancelled before any step (${kind})`,
    async () => {
      const program = inKind(kind, function* () {
        const done = yield runProcess("cat; echo err >&2", {
          input: "some input",
        });
        return text(done.stdout);
      });
      let wasCancelled = true;
      for (let cancelAt = 0; wasCancelled; cancelAt++) {
        wasCancelled = false;
        await inRealTime(async () => {
          const task = createTask(program());
          let steps = 0;
          beforeEachStep(task.getLoop(), () => {
            if (steps++ === cancelAt) wasCancelled = task.cancel();
          });
          try {
            assertEquals(await task, "some input");
            assert(!wasCancelled, "the cancellation was lost");
          } catch (error) {
            assertInstanceOf(error, CancelledError);
            assert(wasCancelled);
          }
        });
        assertEquals(children(), [], `cancelled before step ${cancelAt}`);
      }
    },
  );

  testProcess(
    `a merged process leaves nothing behind, cancelled before any step (${kind})`,
    async () => {
      const program = inKind(kind, function* () {
        const done = yield runProcess(["cat"], {
          input: "some input",
          stderr: STDOUT,
        });
        return text(done.stdout);
      });
      let wasCancelled = true;
      for (let cancelAt = 0; wasCancelled; cancelAt++) {
        wasCancelled = false;
        await inRealTime(async () => {
          const task = createTask(program());
          let steps = 0;
          beforeEachStep(task.getLoop(), () => {
            if (steps++ === cancelAt) wasCancelled = task.cancel();
          });
          try {
            assertEquals(await task, "some input");
          } catch (error) {
            assertInstanceOf(error, CancelledError);
          }
        });
        assertEquals(children(), [], `cancelled before step ${cancelAt}`);
      }
    },
  );
}

testInLoop(
  "a generator that is closed while it runs a command ends the tree",
  async () => {
    const steps = (function* () {
      return yield* runProcess("sleep 600; :");
    })();
    steps.next();
    assertEquals(children().length, 1);
    steps.return(undefined as never);
    // Deno tells of the end a moment after the process has gone.
    const { attachments } = getRunningLoop().$holdingsOf;
    while (attachments.size > 0) await sleep(0.01);
    assertEquals(children(), []);
  },
);

/** The same numbers each time. */
function random(seed: number): () => number {
  return () => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed / 0x80000000;
  };
}

testInLoop(
  "nothing is left of many processes, whatever is cancelled when, and again",
  async () => {
    const next = random(42);
    const programs: (() => Promise<unknown>)[] = [
      async () =>
        await runProcess("cat; echo err >&2", { input: "x".repeat(300_000) }),
      async () => await runProcess(["yes"], { stderr: STDOUT }),
      async () => await runProcess(["no-such-program"], { stderr: STDOUT }),
      async () => {
        await using process = await createSubprocessExec("cat", [], {
          stdin: PIPE,
          stdout: PIPE,
        });
        for (;;) {
          process.stdin.write("hello\n");
          await process.stdin.drain();
          await process.stdout.readline();
        }
      },
      async () => {
        await using process = await createSubprocessShell(
          "trap '' TERM; yes | head -c 500000; while :; do sleep 0.01; done",
          { stdout: PIPE, stderr: PIPE, killAfter: 0.02 },
        );
        await process.communicate();
      },
    ];
    async function attempt(): Promise<void> {
      const task = createTask(programs[Math.floor(next() * programs.length)]);
      await sleep(next() * 0.05);
      task.cancel();
      await sleep(next() * 0.01);
      if (next() < 0.3) task.cancel();
      try {
        await task;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return;
        assertInstanceOf(error, CancelledError);
      }
    }
    for (let round = 0; round < 10; round++) {
      await gather(...Array.from({ length: 8 }, () => createTask(attempt)));
    }
    assertEquals(children(), []);
  },
);

testInLoop("several run at the same time", async () => {
  const done: CompletedProcess[] = await gather(
    ...Array.from({ length: 10 }, (_, i) => runProcess(["echo", `${i}`])),
  );
  assertEquals(
    done.map(({ stdout }) => text(stdout!).trim()),
    Array.from({ length: 10 }, (_, i) => `${i}`),
  );
});

testInLoop("a time limit that does not expire changes nothing", async () => {
  const done = await waitFor(runProcess("echo quick"), 60);
  assertEquals(text(done.stdout), "quick\n");
  assertEquals(currentTask()!.cancelling(), 0);
});

const any = (value: unknown) => value as never;

const WRONG: [what: string, () => unknown, error: string, message: string][] = [
  [
    "command",
    () => runProcess(any(1)),
    "TypeError",
    "The command of runProcess() must be a string or an array: current value is 1",
  ],
  [
    "empty list",
    () => runProcess(any([])),
    "TypeError",
    "The program of runProcess() must be a string: current value is undefined",
  ],
  ["empty program", () => runProcess([""]), "RangeError", "must not be empty"],
  [
    "argument",
    () => runProcess(["echo", any(null)]),
    "TypeError",
    "An argument of runProcess() must be a string: current value is null",
  ],
  ["null in command", () => runProcess("a\0"), "RangeError", "null character"],
  [
    "input",
    () => runProcess("cat", { input: any(1) }),
    "TypeError",
    "Cannot send to a process what is neither a Uint8Array nor a string: current value is 1",
  ],
  [
    "check",
    () => runProcess("cat", { check: any("yes") }),
    "TypeError",
    "The check of runProcess() must be a boolean: current value is 'yes'",
  ],
  [
    "killAfter",
    () => runProcess("cat", { killAfter: any("5") }),
    "TypeError",
    "the killAfter of runProcess()",
  ],
  [
    "stdout",
    () => runProcess("cat", { stdout: any(STDOUT) }),
    "TypeError",
    "STDOUT can only be used for stderr",
  ],
  [
    "stdin",
    () => runProcess("cat", any({ stdin: PIPE })),
    "TypeError",
    "Unknown option stdin for runProcess()",
  ],
  [
    "option",
    () => runProcess("cat", any({ kill_after: 1 })),
    "TypeError",
    "did you mean killAfter?",
  ],
  [
    "options",
    () => runProcess("cat", any(5)),
    "TypeError",
    "runProcess() takes options as an object",
  ],
];

for (const [what, act, name, message] of WRONG) {
  Deno.test(`runProcess() refuses at the call a wrong ${what}`, () => {
    assertEquals(assertThrows(act, Error, message).name, name);
  });
}

testInLoop("a command that cannot be started is an error", async () => {
  await assertRejects(
    async () => await runProcess(["no-such-program"]),
    Deno.errors.NotFound,
    "no-such-program",
  );
  await assertRejects(
    async () => await runProcess("true", { cwd: "/no/such/folder" }),
    Deno.errors.NotFound,
    "/no/such/folder",
  );
});

Deno.test({
  name: "without the permission runProcess() names the flag",
  ignore: noProcesses,
  permissions: { run: false },
  async fn() {
    await assertRejects(
      () => run(runProcess("true")),
      Deno.errors.NotCapable,
      "--allow-run",
    );
  },
});

Deno.test({
  name: "with the permission for the shell alone, the shell alone is ended",
  ignore: noProcesses,
  permissions: { run: ["sh"] },
  async fn() {
    await assertRejects(
      () => run(waitFor(runProcess("exec sleep 600"), 0.05)),
      TimeoutError,
    );
  },
});
