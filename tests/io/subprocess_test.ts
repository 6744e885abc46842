// Processes: how they are started, what is written and read, how they end.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CancelledError,
  createTask,
  EventLoop,
  type ExceptionContext,
  gather,
  getRunningLoop,
  ProcessLookupError,
  run,
  sleep,
} from "@asyncio/asyncio";
import type { StreamReader, StreamWriter } from "@asyncio/asyncio/streams";
import {
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  PIPE,
  type Process,
  runProcess,
  STDOUT,
} from "@asyncio/asyncio/subprocess";
import {
  noProcesses,
  testInLoop,
  testInLoopKinds,
  testProcess,
} from "./_processes.ts";
import { text } from "./_streams.ts";

/** More than any pipe holds. */
const LARGE = 4 * 1024 * 1024;

/** Bytes that do not repeat every few. */
function noise(size: number): Uint8Array<ArrayBuffer> {
  const noise = new Uint8Array(size);
  let state = 1;
  for (let i = 0; i < size; i++) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    noise[i] = state >> 16;
  }
  return noise;
}

// Input and output

testInLoopKinds("a process reads what is written to its stdin", function* () {
  const process = yield createSubprocessExec("cat", [], {
    stdin: PIPE,
    stdout: PIPE,
  });
  process.stdin.write("some data");
  yield process.stdin.drain();
  process.stdin.close();
  assertEquals(text(yield process.stdout.read()), "some data");
  assertEquals(yield process.wait(), 0);
});

testInLoopKinds(
  "communicate() sends input and returns all output",
  function* () {
    const process = yield createSubprocessExec("cat", [], {
      stdin: PIPE,
      stdout: PIPE,
    });
    const [stdout, stderr] = yield process.communicate("some data");
    assertEquals(text(stdout), "some data");
    assertStrictEquals(stderr, null);
    assertEquals(process.returncode, 0);
  },
);

testInLoop(
  "communicate() sends and reads more than pipes hold, at once",
  async () => {
    const process = await createSubprocessShell("tee /dev/stderr", {
      stdin: PIPE,
      stdout: PIPE,
      stderr: PIPE,
    });
    const data = noise(LARGE);
    const [stdout, stderr] = await process.communicate(data);
    assertEquals(stdout, data);
    assertEquals(stderr, data);
  },
);

for (const size of [0, 1, 65535, 65536, 65537, 131072, 1_000_003]) {
  testInLoop(
    `communicate() returns ${size} bytes as they were sent`,
    async () => {
      const process = await createSubprocessExec("cat", [], {
        stdin: PIPE,
        stdout: PIPE,
        stderr: PIPE,
      });
      const data = noise(size);
      const [stdout, stderr] = await process.communicate(data);
      assertEquals(stdout, data);
      assertEquals(stderr, new Uint8Array());
    },
  );
}

testInLoop("communicate() without input closes stdin", async () => {
  const process = await createSubprocessExec("wc", ["-c"], {
    stdin: PIPE,
    stdout: PIPE,
  });
  const [stdout] = await process.communicate();
  assertEquals(text(stdout).trim(), "0");
});

testInLoop("communicate() after the end returns nothing more", async () => {
  const process = await createSubprocessExec("echo", ["once"], {
    stdout: PIPE,
  });
  assertEquals(text((await process.communicate())[0]), "once\n");
  assertEquals(text((await process.communicate())[0]), "");
});

testInLoop(
  "communicate() does not mind a process that does not read its input",
  async () => {
    const process = await createSubprocessExec("true", [], { stdin: PIPE });
    assertEquals(await process.communicate(noise(LARGE)), [null, null]);
    assertEquals(process.returncode, 0);
  },
);

testInLoop(
  "drain() fails when the process has ended before it has read all",
  async () => {
    await using process = await createSubprocessShell("head -c 1 > /dev/null", {
      stdin: PIPE,
    });
    process.stdin.write(noise(LARGE));
    await assertRejects(
      async () => await process.stdin.drain(),
      Deno.errors.BrokenPipe,
    );
    assertEquals(await process.wait(), 0);
  },
);

testInLoop(
  "a write to a process that has ended is an error at the next drain()",
  async () => {
    const process = await createSubprocessExec("true", [], { stdin: PIPE });
    await process.wait();
    process.stdin.write("too late");
    await assertRejects(
      async () => await process.stdin.drain(),
      Deno.errors.ConnectionReset,
    );
  },
);

testInLoop(
  "a descendant can read what is written after the process has ended",
  async () => {
    // `cat` is in the background, where the shell would give it no input.
    const command = "exec 3<&0; cat <&3 & exec 3<&-";
    const process = await createSubprocessShell(command, {
      stdin: PIPE,
      stdout: PIPE,
    });
    assertEquals(await process.wait(), 0);
    process.stdin.write("for the one that is left");
    process.stdin.close();
    assertEquals(text(await process.stdout.read()), "for the one that is left");
  },
);

testInLoop("DEVNULL as stdin is at its end", async () => {
  const process = await createSubprocessExec("wc", ["-c"], {
    stdin: DEVNULL,
    stdout: PIPE,
  });
  assertEquals(text((await process.communicate())[0]).trim(), "0");
});

for (const stream of ["stdout", "stderr"] as const) {
  testInLoop(`DEVNULL as ${stream} drops what is written`, async () => {
    const process = await createSubprocessShell("echo out; echo err >&2", {
      stdout: PIPE,
      stderr: PIPE,
      [stream]: DEVNULL,
    });
    const [stdout, stderr] = await process.communicate();
    assertEquals(stdout && text(stdout), stream === "stdout" ? null : "out\n");
    assertEquals(stderr && text(stderr), stream === "stderr" ? null : "err\n");
  });
}

testInLoop("STDOUT keeps the order of what is written to both", async () => {
  const lines =
    "i=0; while [ $i -lt 200 ]; do echo $i; echo $i >&2; i=$((i+1)); done";
  const expected = Array.from({ length: 200 }, (_, i) => `${i}\n${i}\n`);
  for (
    const process of [
      await createSubprocessShell(lines, { stdout: PIPE, stderr: STDOUT }),
      await createSubprocessExec("sh", ["-c", lines], {
        stdout: PIPE,
        stderr: STDOUT,
      }),
    ]
  ) {
    assertStrictEquals(process.stderr, null);
    const [stdout, stderr] = await process.communicate();
    assertEquals(text(stdout), expected.join(""));
    assertStrictEquals(stderr, null);
  }
});

testInLoop("STDOUT drops both where stdout is DEVNULL", async () => {
  const process = await createSubprocessShell("echo out; echo err >&2", {
    stdout: DEVNULL,
    stderr: STDOUT,
  });
  assertEquals(await process.communicate(), [null, null]);
});

testInLoop(
  "STDOUT changes neither the arguments nor the input nor the status",
  async () => {
    const args = [
      "",
      " ",
      "$HOME",
      "*",
      "'",
      '"',
      "\\",
      "a\nb",
      "--",
      "-x",
      "é",
    ];
    const process = await createSubprocessExec(
      "sh",
      ["-c", 'printf "%s|" "$@"; cat; exit 4', "sh", ...args],
      { stdin: PIPE, stdout: PIPE, stderr: STDOUT },
    );
    const [stdout] = await process.communicate("input");
    assertEquals(text(stdout), args.map((arg) => `${arg}|`).join("") + "input");
    assertEquals(process.returncode, 4);
  },
);

testInLoop("what a process has written is there after its end", async () => {
  const process = await createSubprocessShell("echo out; echo err >&2", {
    stdout: PIPE,
    stderr: PIPE,
  });
  await process.wait();
  assertEquals(text(await process.stdout.readline()), "out\n");
  assertEquals(text(await process.stderr.read()), "err\n");
});

testInLoop("the limit is that of the readers", async () => {
  const process = await createSubprocessShell("echo 0123456789; echo ok", {
    stdout: PIPE,
    limit: 8,
  });
  await assertRejects(async () => await process.stdout.readline(), RangeError);
  assertEquals(text(await process.stdout.readline()), "ok\n");
  await process.communicate();
});

testInLoop("many processes run at once", async () => {
  const outputs = await gather(
    ...Array.from({ length: 20 }, (_, i) =>
      createTask(async () => {
        const process = await createSubprocessExec("echo", [`foo${i}`], {
          stdout: PIPE,
        });
        return text((await process.communicate())[0]).trim();
      })),
  );
  assertEquals(outputs, Array.from({ length: 20 }, (_, i) => `foo${i}`));
});

// How it is started

testInLoop("cwd is the folder that it runs in", async () => {
  for (const cwd of ["/", new URL("file:///")]) {
    const process = await createSubprocessExec("pwd", [], {
      stdout: PIPE,
      cwd,
    });
    assertEquals(text((await process.communicate())[0]), "/\n");
  }
});

testInLoop("env is the whole environment", async () => {
  for (const stderr of [null, STDOUT]) {
    const process = await createSubprocessExec("env", [], {
      stdout: PIPE,
      stderr,
      env: { ONE: "1", TWO: "a b" },
    });
    const lines = text((await process.communicate())[0]).split("\n");
    // The shell may add some of its own.
    const own = lines.filter((line) => !/^(SHLVL|_)=|^$/.test(line));
    assertEquals(own.sort(), ["ONE=1", "TWO=a b"]);
  }
});

// Cause: a shell drops variables whose names are none for it, and gives some of
// the others values of its own.
testInLoop("STDOUT changes no variable of the environment", async () => {
  const env = {
    "-x": "1",
    "my.name": "a b",
    d: "lower",
    IFS: "x",
    OPTIND: "7",
    p: "",
    PATH: "/usr/local/bin:/usr/bin:/bin",
    PPID: "1",
    PS1: "> ",
    PWD: "/elsewhere",
  };
  const process = await createSubprocessExec("env", [], {
    stdout: PIPE,
    stderr: STDOUT,
    env,
  });
  const lines = text((await process.communicate())[0]).trim().split("\n");
  const own = lines.filter((line) => !/^(SHLVL|_)=/.test(line));
  assertEquals(
    own.sort(),
    Object.entries(env).map(([name, value]) => `${name}=${value}`).sort(),
  );
});

testInLoop("arguments are passed as they are", async () => {
  const args = ["", " ", "$HOME", "*", "'", '"', "\\", "a\nb", "--", "é"];
  const process = await createSubprocessExec(
    "sh",
    ["-c", 'printf "%s|" "$@"', "sh", ...args],
    { stdout: PIPE },
  );
  const [stdout] = await process.communicate();
  assertEquals(text(stdout), args.map((arg) => `${arg}|`).join(""));
});

testInLoop(
  "startNewSession: false leaves it in the process group of this program",
  async () => {
    const groupOf = async (startNewSession?: boolean) => {
      const process = await createSubprocessShell("ps -o pgid= -p $$", {
        stdout: PIPE,
        startNewSession,
      });
      const [stdout] = await process.communicate();
      return { pid: process.pid, group: Number(text(stdout)) };
    };
    const own = await groupOf();
    assertEquals(own.group, own.pid);
    const shared = await groupOf(false);
    assert(shared.group !== shared.pid);
  },
);

// How it ends

testInLoopKinds("wait() returns the exit status", function* () {
  const process = yield createSubprocessShell("exit 7");
  assertStrictEquals(process.returncode, null);
  assertEquals(yield process.wait(), 7);
  assertEquals(yield process.wait(), 7);
  assertEquals(process.returncode, 7);
});

const SIGNALS: [
  what: string,
  (process: Process) => void,
  returncode: number,
][] = [
  ["kill()", (process) => process.kill(), -9],
  ["terminate()", (process) => process.terminate(), -15],
  ["sendSignal()", (process) => process.sendSignal("SIGHUP"), -1],
  ["a signal of another", ({ pid }) => Deno.kill(pid, "SIGUSR1"), -10],
];

for (const [what, act, returncode] of SIGNALS) {
  testInLoop(`the return code after ${what} is ${returncode}`, async () => {
    const process = await createSubprocessExec("sleep", ["600"]);
    act(process);
    assertEquals(await process.wait(), returncode);
  });
}

// Cause: Deno has no names for these signals, and rejects the status of the
// child, which nothing took in.
Deno.test({
  name: "the return code after the real-time signal N is -N",
  ignore: noProcesses || Deno.build.os !== "linux",
  async fn() {
    // In a process of its own: Deno never closes its record of such a child.
    const program = new URL(
      "../fixtures/realtime_signals.ts",
      import.meta.url,
    );
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--quiet", "--allow-run", program.href],
      stderr: "inherit",
    }).output();
    assert(success);
    assertEquals(JSON.parse(text(stdout)), [-34, -34, -35, -35, -64, -64]);
  },
});

// Cause: a rejected status had no handler, and ended the program.
Deno.test("a status that the host cannot tell is reported, and is 255", async () => {
  const { Command } = Deno;
  const lost = new Error("no status");
  const child = { pid: 1234567, status: Promise.reject(lost) };
  const contexts: ExceptionContext[] = [];
  Deno.Command = class {
    spawn = () => child;
  } as never;
  try {
    await run(async () => {
      getRunningLoop().setExceptionHandler((_loop, context) => {
        contexts.push(context);
      });
      const process = await createSubprocessExec("true", [], {
        startNewSession: false,
      });
      assertEquals(await process.wait(), 255);
      await process.endTree();
    });
  } finally {
    Deno.Command = Command;
  }
  assertEquals(contexts, [{
    message: "Unknown child process pid 1234567, will report returncode 255",
    exception: lost,
  }]);
});

testInLoop("sendSignal() sends what the process may handle", async () => {
  const command = "trap 'echo got it; exit 5' USR1; echo ready; " +
    "while :; do sleep 0.01; done";
  const process = await createSubprocessShell(command, { stdout: PIPE });
  assertEquals(text(await process.stdout.readline()), "ready\n");
  process.sendSignal("SIGUSR1");
  assertEquals(text(await process.stdout.readline()), "got it\n");
  assertEquals(await process.wait(), 5);
  await process.endTree();
});

testInLoop(
  "a signal for a process that has ended is a ProcessLookupError",
  async () => {
    const process = await createSubprocessExec("true");
    await process.wait();
    assertThrows(() => process.kill(), ProcessLookupError, `${process.pid}`);
    assertThrows(() => process.terminate(), ProcessLookupError);
    assertThrows(() => process.sendSignal("SIGHUP"), ProcessLookupError);
  },
);

testInLoop(
  "wait() returns when the process ends, though a descendant has its pipe",
  async () => {
    await using process = await createSubprocessShell("sleep 600 & exit 3", {
      stdout: PIPE,
    });
    assertEquals(await process.wait(), 3);
  },
);

testInLoop("a process prints as in asyncio", async () => {
  const process = await createSubprocessExec("true");
  assertEquals(`${process}`, `<Process ${process.pid}>`);
  assertEquals(Deno.inspect(process), `<Process ${process.pid}>`);
  await process.wait();
});

testProcess("a process is bound to its loop", async () => {
  const loop = new EventLoop();
  const process = await loop.runUntilComplete(createSubprocessExec("true"));
  await assertRejects(
    () => run(process.wait()),
    Error,
    "is bound to a different event loop",
  );
  await assertRejects(() => run(process.communicate()), Error, "is bound to");
  await loop.runUntilComplete(process.wait());
  loop.close();
});

// Cancellation of waits

const PLACES = ["first", "middle", "last"];
for (const [victim, place] of PLACES.entries()) {
  testInLoop(
    `of three that wait for a process, the ${place} is cancelled`,
    async () => {
      const process = await createSubprocessExec("cat", [], { stdin: PIPE });
      const tasks = PLACES.map(() => createTask(process.wait()));
      await sleep(0);
      tasks[victim].cancel();
      await sleep(0);
      process.stdin.close();
      const others = tasks.filter((_, index) => index !== victim);
      assertEquals(await gather(others), [0, 0]);
      assert(tasks[victim].cancelled());
      assertEquals(await process.wait(), 0);
    },
  );
}

testInLoop(
  "communicate() that was cancelled goes on where it was",
  async () => {
    const process = await createSubprocessShell("tee /dev/stderr", {
      stdin: PIPE,
      stdout: PIPE,
      stderr: PIPE,
    });
    const data = noise(LARGE);
    let input: Uint8Array | undefined = data;
    for (let cancelled = 0;; cancelled++) {
      const task = createTask(process.communicate(input));
      // Later and later: the data moves on meanwhile.
      for (let i = 0; i < cancelled; i++) await sleep(0);
      if (cancelled < 60 && task.cancel()) {
        await assertRejects(async () => await task, CancelledError);
        if (cancelled > 0) input = undefined; // it has begun to send it
        continue;
      }
      const [stdout, stderr] = await task;
      assertEquals(stdout, data);
      assertEquals(stderr, data);
      break;
    }
  },
);

testInLoop(
  "output is not lost if communicate() is cancelled after the end of the output",
  async () => {
    const command = "trap 'exit 0' USR1; echo out; echo err >&2; " +
      "exec >&- 2>&-; while :; do sleep 0.01; done";
    const process = await createSubprocessShell(command, {
      stdout: PIPE,
      stderr: PIPE,
    });
    const first = createTask(process.communicate());
    const isAtEnd = (reader: StreamReader) => /\beof\b/.test(String(reader));
    while (!isAtEnd(process.stdout) || !isAtEnd(process.stderr)) {
      await sleep(0.001);
    }
    await sleep(0);
    first.cancel();
    await assertRejects(async () => await first, CancelledError);
    process.sendSignal("SIGUSR1");
    const [stdout, stderr] = await process.communicate();
    assertEquals([text(stdout), text(stderr)], ["out\n", "err\n"]);
  },
);

testInLoop(
  "output that has come before communicate() is in its result",
  async () => {
    const process = await createSubprocessShell("echo one; echo two; cat", {
      stdin: PIPE,
      stdout: PIPE,
    });
    assertEquals(text(await process.stdout.readline()), "one\n");
    const [stdout] = await process.communicate("three\n");
    assertEquals(text(stdout), "two\nthree\n");
  },
);

testInLoop(
  "communicate() while another task reads is an error, and sends nothing",
  async () => {
    await using process = await createSubprocessExec("cat", [], {
      stdin: PIPE,
      stdout: PIPE,
    });
    const reading = createTask(process.stdout.readline());
    await sleep(0);
    await assertRejects(
      async () => await process.communicate("input"),
      Error,
      "communicate() called while another coroutine is already waiting",
    );
    process.stdin.write("still open\n");
    assertEquals(text(await reading), "still open\n");
  },
);

// Bad input

const any = (value: unknown) => value as never;

const WRONG: [what: string, () => unknown, error: string, message: string][] = [
  [
    "program",
    () => createSubprocessExec(any(1)),
    "TypeError",
    "The program of createSubprocessExec() must be a string: current value is 1",
  ],
  [
    "no program",
    () => createSubprocessExec(any(undefined)),
    "TypeError",
    "must be a string: current value is undefined",
  ],
  [
    "empty program",
    () => createSubprocessExec(""),
    "RangeError",
    "The program of createSubprocessExec() must not be empty",
  ],
  [
    "null in program",
    () => createSubprocessExec("a\0b"),
    "RangeError",
    "must not contain a null character",
  ],
  [
    "args by position",
    () => createSubprocessExec("echo", any("a")),
    "TypeError",
    "must be an array: current value is 'a'",
  ],
  [
    "options as args",
    () => createSubprocessExec("echo", any({ stdout: PIPE })),
    "TypeError",
    "must be an array",
  ],
  [
    "argument",
    () => createSubprocessExec("echo", any([1])),
    "TypeError",
    "An argument of createSubprocessExec() must be a string: current value is 1",
  ],
  [
    "null in argument",
    () => createSubprocessExec("echo", ["a\0b"]),
    "RangeError",
    "must not contain a null character",
  ],
  [
    "command",
    () => createSubprocessShell(any(["true"])),
    "TypeError",
    "The command of createSubprocessShell() must be a string",
  ],
  [
    "null in command",
    () => createSubprocessShell("a\0b"),
    "RangeError",
    "must not contain a null character",
  ],
  [
    "STDOUT as stdin",
    () => createSubprocessShell("", { stdin: any(STDOUT) }),
    "TypeError",
    "STDOUT can only be used for stderr, not for stdin",
  ],
  [
    "STDOUT as stdout",
    () => createSubprocessShell("", { stdout: any(STDOUT) }),
    "TypeError",
    "STDOUT can only be used for stderr, not for stdout",
  ],
  [
    "stdin",
    () => createSubprocessShell("", { stdin: any("piped") }),
    "TypeError",
    "stdin must be PIPE, DEVNULL or null: current value is 'piped'",
  ],
  [
    "stdout",
    () => createSubprocessShell("", { stdout: any(1) }),
    "TypeError",
    "stdout must be PIPE, DEVNULL or null: current value is 1",
  ],
  [
    "stderr",
    () => createSubprocessShell("", { stderr: any(1) }),
    "TypeError",
    "stderr must be PIPE, DEVNULL, STDOUT or null",
  ],
  [
    "cwd",
    () => createSubprocessShell("", { cwd: any(1) }),
    "TypeError",
    "The cwd of createSubprocessShell() must be a string: current value is 1",
  ],
  [
    "env",
    () => createSubprocessShell("", { env: any("A=1") }),
    "TypeError",
    "The env of createSubprocessShell() must be an object of strings",
  ],
  [
    "value of env",
    () => createSubprocessShell("", { env: any({ A: 1 }) }),
    "TypeError",
    "The environment variable 'A' must be a string: current value is 1",
  ],
  [
    "name in env",
    () => createSubprocessShell("", { env: { "A=B": "1" } }),
    "RangeError",
    "The name of an environment variable must not be empty",
  ],
  [
    "limit",
    () => createSubprocessShell("", { limit: 0 }),
    "RangeError",
    "limit",
  ],
  [
    "killAfter",
    () => createSubprocessShell("", { killAfter: NaN }),
    "TypeError",
    "the killAfter of createSubprocessShell()",
  ],
  [
    "startNewSession",
    () => createSubprocessShell("", { startNewSession: any(1) }),
    "TypeError",
    "The startNewSession of createSubprocessShell() must be a boolean",
  ],
  [
    "unknown option",
    () => createSubprocessShell("", any({ shell: true })),
    "TypeError",
    "Unknown option shell",
  ],
  [
    "misspelt option",
    () => createSubprocessExec("true", [], any({ std_out: PIPE })),
    "TypeError",
    "did you mean stdout?",
  ],
];

for (const [what, act, name, message] of WRONG) {
  Deno.test(`a wrong ${what} is refused at the call`, () => {
    const error = assertThrows(act, Error, message);
    assertEquals(error.name, name);
  });
}

for (const stderr of [null, STDOUT]) {
  const how = stderr === STDOUT ? ", with STDOUT" : "";

  testInLoop(`a program that does not exist is NotFound${how}`, async () => {
    for (const program of ["no-such-program", "/no/such/program"]) {
      await assertRejects(
        async () => await createSubprocessExec(program, [], { stderr }),
        Deno.errors.NotFound,
        `Failed to spawn '${program}'`,
      );
    }
  });

  testInLoop(
    `a file that is not executable is PermissionDenied${how}`,
    async () => {
      await assertRejects(
        async () => await createSubprocessExec("/etc/passwd", [], { stderr }),
        Deno.errors.PermissionDenied,
        "/etc/passwd",
      );
    },
  );

  testInLoop(`a cwd that does not exist is NotFound${how}`, async () => {
    const options = { cwd: "/no/such/folder", stderr };
    await assertRejects(
      async () => await createSubprocessExec("true", [], options),
      Deno.errors.NotFound,
      "/no/such/folder",
    );
  });
}

/** Expects that a program cannot be started with its outputs merged. */
async function assertNotFound(program: string): Promise<void> {
  await assertRejects(
    async () =>
      await createSubprocessExec(program, [], { stdout: PIPE, stderr: STDOUT }),
    Deno.errors.NotFound,
    `Failed to spawn '${program}'`,
  );
}

// Cause: the shell answers for its builtins and keywords as for programs.
testInLoop(
  "a builtin or a keyword of the shell is NotFound, with STDOUT",
  async () => {
    for (const program of ["cd", "if", "export", ":", ".", "-x"]) {
      await assertNotFound(program);
    }
  },
);

// Cause: the end of the shell that could not become the program passed for the
// start of the program.
testInLoop(
  "a script without its interpreter is NotFound, with STDOUT",
  async () => {
    const url = new URL("../fixtures/no_interpreter", import.meta.url);
    const program = decodeURIComponent(url.pathname);
    await assertNotFound(program);
  },
);

// Cause: the shell was looked for in the PATH of the child.
testInLoop(
  "the shell is found whatever the PATH of the process is",
  async () => {
    const env = { PATH: "/no/such/folder" };
    for (
      const process of [
        await createSubprocessShell("echo hi", { env, stdout: PIPE }),
        await createSubprocessExec("/bin/echo", ["hi"], {
          env,
          stdout: PIPE,
          stderr: STDOUT,
        }),
      ]
    ) {
      assertEquals(text((await process.communicate())[0]), "hi\n");
    }
  },
);

testInLoop("a command that the shell does not find ends with 127", async () => {
  const process = await createSubprocessShell("no-such-program", {
    stderr: PIPE,
  });
  const [, stderr] = await process.communicate();
  assertEquals(process.returncode, 127);
  assertMatch(text(stderr), /not found/);
});

testInLoop("a signal that does not exist is a TypeError", async () => {
  await using process = await createSubprocessExec("sleep", ["600"]);
  assertThrows(() => process.sendSignal(any("NOPE")), TypeError, "NOPE");
  assertThrows(
    () => process.sendSignal(any(9)),
    TypeError,
    "current value is 9",
  );
  assertStrictEquals(process.returncode, null);
});

testInLoop(
  "input for a process without stdin is refused at the call",
  async () => {
    const process = await createSubprocessExec("true");
    assertThrows(
      () => process.communicate("input"),
      TypeError,
      `Cannot send input to <Process ${process.pid}>: it was started without { stdin: PIPE }`,
    );
    await process.wait();
  },
);

testInLoop(
  "input that is neither bytes nor text is refused at the call",
  async () => {
    const process = await createSubprocessExec("cat", [], { stdin: PIPE });
    assertThrows(() => process.communicate(any(1)), TypeError, "is 1");
    await process.communicate();
  },
);

Deno.test({
  name: "without a permission the error names the flag",
  ignore: noProcesses,
  permissions: { run: false },
  async fn() {
    for (
      const start of [
        () => createSubprocessExec("true"),
        () => createSubprocessExec("true", [], { stderr: STDOUT }),
        () => createSubprocessShell("true"),
      ]
    ) {
      await assertRejects(
        () => run(start()),
        Deno.errors.NotCapable,
        "--allow-run",
      );
    }
  },
});

Deno.test({
  name: "STDOUT needs the permission for the program, not only for the shell",
  ignore: noProcesses,
  permissions: { run: ["sh"] },
  async fn() {
    await assertRejects(
      () => run(createSubprocessExec("true", [], { stderr: STDOUT })),
      Deno.errors.NotCapable,
      'Requires run access to "true", run again with the --allow-run flag',
    );
  },
});

Deno.test({
  name: "with the permission for one program, that can be started and ended",
  ignore: noProcesses,
  permissions: { run: ["sleep"] },
  async fn() {
    const process = await run(async () => {
      await using process = await createSubprocessExec("sleep", ["600"]);
      return process;
    });
    assertEquals(process.returncode, -15);
  },
});

// Types

Deno.test("the types of the streams follow from the options", () => {
  type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
    (<T>() => T extends B ? 1 : 2) ? true : false;
  function same<A, B>(_: Same<A, B>): void {}

  async function check(): Promise<void> {
    const none = await createSubprocessExec("true");
    same<typeof none, Process<null, null, null>>(true);
    const all = await createSubprocessExec("true", [], {
      stdin: PIPE,
      stdout: PIPE,
      stderr: PIPE,
    });
    same<typeof all, Process<StreamWriter, StreamReader, StreamReader>>(true);
    const [stdout, stderr] = await all.communicate();
    same<typeof stdout, Uint8Array<ArrayBuffer>>(true);
    same<typeof stderr, Uint8Array<ArrayBuffer>>(true);
    const merged = await createSubprocessShell("", {
      stdout: PIPE,
      stderr: STDOUT,
    });
    same<typeof merged, Process<null, StreamReader, null>>(true);
    const [, none2] = await merged.communicate();
    same<typeof none2, null>(true);
    const command: string[] = ["true"];
    const done = await runProcess(command);
    same<typeof done.stdout, Uint8Array<ArrayBuffer>>(true);
    const any: Process = all;
    same<typeof any.stdin, StreamWriter | null>(true);
  }
  assertInstanceOf(check, Function);
});
