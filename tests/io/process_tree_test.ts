// The end of process trees: by `await using`, by `endTree()`, whatever is
// cancelled when.

import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  CancelledError,
  createTask,
  EventLoop,
  run,
  setEventLoop,
  sleep,
  timeout,
  TimeoutError,
} from "@asyncio/asyncio";
import type { StreamReader } from "@asyncio/asyncio/streams";
import {
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  PIPE,
  type Process,
  runProcess,
} from "@asyncio/asyncio/subprocess";
import { ProcessTree } from "../../_io/process_tree.ts";
import {
  children,
  isRunning,
  stateOf,
  testInLoop,
  testInLoopKinds,
  testProcess,
  untilEnded,
} from "./_processes.ts";
import { text } from "./_streams.ts";

/** A tree of three, which prints the numbers of its two descendants. */
const TREE = "sleep 600 & echo $!; (sleep 601; :) & echo $!; wait";

/** The same, which ignores SIGTERM. */
const STUBBORN = `trap '' TERM; ${TREE}; wait; wait`;

/** Reads numbers, a line for each. */
async function pidsOf(stdout: StreamReader, count: number): Promise<number[]> {
  const pids: number[] = [];
  while (pids.length < count) pids.push(Number(text(await stdout.readline())));
  for (const pid of pids) assert(isRunning(pid));
  return pids;
}

testInLoop("await using ends a process with all its descendants", async () => {
  let pids: number[] = [];
  let process: Process;
  {
    await using tree = await createSubprocessShell(TREE, { stdout: PIPE });
    pids = await pidsOf(tree.stdout, 2);
    process = tree;
  }
  assertEquals(process.returncode, -15);
  await untilEnded(...pids);
});

testInLoopKinds(
  "endTree() ends a process with all its descendants",
  function* () {
    const tree = yield createSubprocessShell(TREE, { stdout: PIPE });
    const pids = yield createTask(() => pidsOf(tree.stdout, 2));
    yield tree.endTree();
    assertEquals(tree.returncode, -15);
    yield createTask(() => untilEnded(...pids));
    yield tree.endTree(); // nothing more happens
  },
);

testInLoop(
  "await using ends descendants that outlived the process",
  async () => {
    let pids: number[] = [];
    {
      const command = "sleep 600 & echo $!";
      await using tree = await createSubprocessShell(command, { stdout: PIPE });
      pids = await pidsOf(tree.stdout, 1);
      assertEquals(await tree.wait(), 0);
    }
    await untilEnded(...pids);
  },
);

// Cause: the host had looked at the end of the child already, and had not told.
Deno.test("a signal that comes between the end and its report is dropped", () => {
  for (
    const error of [
      new Deno.errors.NotFound("ESRCH: No such process"),
      new TypeError("Child process has already terminated"),
    ]
  ) {
    const { promise: exited } = Promise.withResolvers<number>();
    const child = { pid: 1, stdin: null, stdout: null, stderr: null, exited };
    const kill = () => {
      throw error;
    };
    new ProcessTree({ ...child, kill }, false).signalChild("SIGTERM");
  }
});

testInLoop("await using does nothing to a process that has ended", async () => {
  await using process = await createSubprocessShell("exit 3", { stdout: PIPE });
  assertEquals(await process.wait(), 3);
  await process.endTree();
  assertEquals(process.returncode, 3);
});

testInLoop("what ignores SIGTERM gets SIGKILL after killAfter", async () => {
  const tree = await createSubprocessShell(STUBBORN, {
    stdout: PIPE,
    killAfter: 0.05,
  });
  const pids = await pidsOf(tree.stdout, 2);
  await tree.endTree();
  assertEquals(tree.returncode, -9);
  await untilEnded(...pids);
});

testInLoop(
  "a descendant that ignores SIGTERM gets its time, and then SIGKILL",
  async () => {
    const command =
      "(trap '' TERM; while :; do sleep 0.01; done) & echo $!; wait";
    const tree = await createSubprocessShell(command, {
      stdout: PIPE,
      killAfter: 0.1,
    });
    const pids = await pidsOf(tree.stdout, 1);
    const end = createTask(tree.endTree());
    assertEquals(await tree.wait(), -15);
    assertFalse(end.done());
    await end;
    await untilEnded(...pids);
  },
);

testInLoop("what handles SIGTERM can clean up", async () => {
  const command = "trap 'echo cleaned up; exit 6' TERM; echo ready; " +
    "while :; do sleep 0.01; done";
  const tree = await createSubprocessShell(command, { stdout: PIPE });
  assertEquals(text(await tree.stdout.readline()), "ready\n");
  const rest = createTask(tree.stdout.read());
  await tree.endTree();
  assertEquals(tree.returncode, 6);
  assertEquals(text(await rest), "cleaned up\n");
});

testInLoop("what writes much while it cleans up is not held up", async () => {
  // More than pipes hold, and nobody reads.
  const command = "trap 'head -c 1000000 /dev/zero; exit 6' TERM; " +
    "echo ready; while :; do sleep 0.01; done";
  const tree = await createSubprocessShell(command, {
    stdout: PIPE,
    stderr: DEVNULL,
    killAfter: null,
  });
  assertEquals(text(await tree.stdout.readline()), "ready\n");
  await tree.endTree();
  assertEquals(tree.returncode, 6);
});

testInLoop("a tree whose output nobody reads can be ended", async () => {
  const tree = await createSubprocessShell("yes | cat", { stdout: PIPE });
  assertEquals(text(await tree.stdout.readline()), "y\n");
  await tree.endTree();
  assert(tree.returncode! < 0);
});

testInLoop("a process that is stopped can be ended", async () => {
  const tree = await createSubprocessExec("sleep", ["600"], {
    killAfter: 0.05,
  });
  tree.sendSignal("SIGSTOP");
  while (stateOf(tree.pid) !== "T") await sleep(0.001);
  await tree.endTree();
  assertEquals(tree.returncode, -9);
});

testInLoop(
  "a process that left the group does not hold up the end",
  async () => {
    const command = "setsid sh -c 'echo $$; exec sleep 600' & wait";
    const tree = await createSubprocessShell(command, { stdout: PIPE });
    const [pid] = await pidsOf(tree.stdout, 1);
    await tree.endTree(); // although it has the pipe
    assert(isRunning(pid));
    Deno.kill(pid, "SIGKILL");
    await untilEnded(pid);
  },
);

testInLoop(
  "without a session of its own the process alone is ended",
  async () => {
    const command = "sleep 600 & echo $!; wait";
    const tree = await createSubprocessShell(command, {
      stdout: PIPE,
      startNewSession: false,
    });
    const [pid] = await pidsOf(tree.stdout, 1);
    await tree.endTree();
    assertEquals(tree.returncode, -15);
    assert(isRunning(pid));
    Deno.kill(pid, "SIGKILL");
    await untilEnded(pid);
  },
);

testInLoop(
  "an end that is cancelled ends at once, and then throws",
  async () => {
    const tree = await createSubprocessShell(STUBBORN, {
      stdout: PIPE,
      killAfter: 600,
    });
    const pids = await pidsOf(tree.stdout, 2);
    const end = createTask(tree.endTree());
    await sleep(0);
    end.cancel();
    await assertRejects(async () => await end, CancelledError);
    assertEquals(tree.returncode, -9);
    await untilEnded(...pids);
  },
);

testInLoop("a time limit cuts the grace time short", async () => {
  const tree = await createSubprocessShell(STUBBORN, {
    stdout: PIPE,
    killAfter: 600,
  });
  const pids = await pidsOf(tree.stdout, 2);
  await assertRejects(
    async () =>
      await timeout(0.05, async () => {
        await tree.endTree();
      }),
    TimeoutError,
  );
  assertEquals(tree.returncode, -9);
  await untilEnded(...pids);
});

for (const victim of [0, 1, 2]) {
  testInLoop(
    `three wait for the end, and number ${victim} is cancelled`,
    async () => {
      const tree = await createSubprocessShell(STUBBORN, {
        stdout: PIPE,
        killAfter: 600,
      });
      const pids = await pidsOf(tree.stdout, 2);
      const ends = [0, 1, 2].map(() => createTask(tree.endTree()));
      await sleep(0);
      ends[victim].cancel();
      for (const [index, end] of ends.entries()) {
        if (index === victim) {
          await assertRejects(async () => await end, CancelledError);
        } else {
          await end;
        }
      }
      assertEquals(tree.returncode, -9);
      await untilEnded(...pids);
    },
  );
}

testInLoop(
  "a task that is cancelled in its block leaves nothing behind",
  async () => {
    let process: Process | undefined;
    let pids: number[] = [];
    const isReady = Promise.withResolvers<void>();
    const task = createTask(async () => {
      await using tree = await createSubprocessShell(TREE, { stdout: PIPE });
      process = tree;
      pids = await pidsOf(tree.stdout, 2);
      isReady.resolve();
      await tree.wait();
    });
    await isReady.promise;
    task.cancel();
    await assertRejects(async () => await task, CancelledError);
    assertEquals(process?.returncode, -15);
    await untilEnded(...pids);
  },
);

testInLoop(
  "a read that waits when the tree ends gets what has come",
  async () => {
    const tree = await createSubprocessShell("printf partial; cat", {
      stdin: PIPE,
      stdout: PIPE,
    });
    const reading = createTask(tree.stdout.read());
    await sleep(0);
    await tree.endTree();
    assert("partial".startsWith(text(await reading)));
  },
);

testInLoop("after the end the pipes are closed", async () => {
  const process = await createSubprocessExec("cat", [], {
    stdin: PIPE,
    stdout: PIPE,
    stderr: PIPE,
  });
  await process.endTree();
  assert(process.stdin.isClosing());
  assertEquals(await process.stdout.read(), new Uint8Array());
  assertEquals(await process.stderr.read(), new Uint8Array());
  await assertRejects(async () => await process.stdin.drain());
});

testProcess("the grace time is one of the loop's clock", async () => {
  using time = new FakeTime(0);
  const loop = new EventLoop();
  setEventLoop(loop);
  const ready = Promise.withResolvers<void>();
  let process: Process | undefined;
  const running = loop.runUntilComplete(async () => {
    const command = "trap '' TERM; echo ready; while :; do sleep 0.01; done";
    const tree = await createSubprocessShell(command, { stdout: PIPE });
    process = tree;
    await tree.stdout.readline();
    ready.resolve();
    await tree.endTree();
  });
  await ready.promise;
  await time.tickAsync(4999);
  assertEquals(process?.returncode, null);
  // By then SIGKILL was sent. The rest takes real time.
  await time.tickAsync(1);
  while (process?.returncode === null) await hostTurn();
  assertEquals(process?.returncode, -9);
  let isOver = false;
  running.then(() => isOver = true);
  for (; !isOver; await hostTurn()) await time.tickAsync(100);
  setEventLoop(null);
  loop.close();
});

const setHostTimeout = setTimeout;

function hostTurn(): Promise<void> {
  return new Promise((resolve) => setHostTimeout(resolve, 1));
}

testProcess("a loop that is closed meanwhile ends the grace time", async () => {
  const loop = new EventLoop();
  const command = "trap '' TERM; echo ready; while :; do sleep 0.01; done";
  const tree = await loop.runUntilComplete(async () => {
    const tree = await createSubprocessShell(command, { stdout: PIPE });
    await tree.stdout.readline();
    createTask(tree.endTree());
    await sleep(0);
    return tree;
  });
  assertEquals(tree.returncode, null);
  loop.setExceptionHandler(() => {}); // the task never ends
  loop.close();
  while (tree.returncode === null) await hostTurn();
  assertEquals(tree.returncode, -9);
});

testProcess(
  "an end that begins after the loop was closed is a SIGKILL",
  async () => {
    const loop = new EventLoop();
    const steps = runProcess("trap '' TERM; sleep 600")[Symbol.iterator]();
    await loop.runUntilComplete(function* () {
      steps.next(); // a generator of the user's own, which is not finished
    });
    assertEquals(children().length, 1);
    loop.close();
    steps.return!(undefined as never);
    while (children().length > 0) await hostTurn();
  },
);

testProcess(
  "run() that is over has ended what its tasks have started",
  async () => {
    let process: Process | undefined;
    await run(async () => {
      createTask(async () => {
        await using tree = await createSubprocessShell(TREE, {
          stdout: DEVNULL,
        });
        process = tree;
        await tree.wait();
      });
      await sleep(0);
    });
    assertEquals(process?.returncode, -15);
  },
);
