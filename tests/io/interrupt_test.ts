// Ctrl-C in programs that run processes.

import { assertEquals, assertMatch } from "@std/assert";
import { descendants, testProcess, untilEnded } from "./_processes.ts";
import { text } from "./_streams.ts";

const PARALLEL = new URL("../../examples/parallel.ts", import.meta.url);
const SUBPROCESS = new URL("../../subprocess.ts", import.meta.url);
const MOD = new URL("../../mod.ts", import.meta.url);

/** A program in a process of its own. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;
  readonly #reading: Promise<void>;
  #stdout = "";

  constructor(args: string[], input = "") {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-run", ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    new Blob([input]).stream().pipeTo(this.#child.stdin);
    this.#stderr = new Response(this.#child.stderr).text();
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoderStream();
    for await (const text of this.#child.stdout.pipeThrough(decoder)) {
      this.#stdout += text;
    }
  }

  /** Waits until it has printed some text. */
  async prints(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) await tick();
  }

  /** Waits until it has started so many processes, and returns them. */
  async started(count: number): Promise<number[]> {
    let pids: number[];
    do {
      await tick();
      pids = descendants(this.#child.pid);
    } while (pids.length < count);
    return pids;
  }

  send(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async ends(): Promise<{ code: number; stdout: string; stderr: string }> {
    const { code } = await this.#child.status;
    await this.#reading;
    return { code, stdout: this.#stdout, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.send("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ends();
  }
}

/** Lets a little time pass before something is looked at again. */
function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

testProcess(
  "parallel.ts prints the output of each command in one piece",
  async () => {
    await using program = new Program([
      PARALLEL.href,
      "--jobs=1",
      "echo one; echo two >&2; echo three",
      "exit 3",
      "kill -TERM $$",
      "echo last",
    ]);
    assertEquals(await program.ends(), {
      code: 1,
      stdout: "one\ntwo\nthree\nlast\n",
      stderr: "[1] echo one; echo two >&2; echo three\n" +
        "[2] exit 3\n[2] failed with status 3: exit 3\n" +
        "[3] kill -TERM $$\n[3] was ended by signal 15: kill -TERM $$\n" +
        "[4] echo last\n",
    });
  },
);

testProcess(
  "parallel.ts runs as many commands at once as it is told",
  async () => {
    // Each waits for the other: with one at a time they would never end.
    const { stdout } = await new Deno.Command("mktemp", { args: ["-d"] })
      .output();
    const folder = text(stdout).trim();
    try {
      await using program = new Program(
        [PARALLEL.href, "--jobs=2", "-"],
        `cd ${folder}; mkfifo a 2> /dev/null; echo hello > a\n` +
          `cd ${folder}; mkfifo a 2> /dev/null; cat a\n`,
      );
      const { code, stdout } = await program.ends();
      assertEquals({ code, stdout }, { code: 0, stdout: "hello\n" });
    } finally {
      await new Deno.Command("rm", { args: ["-r", folder] }).output();
    }
  },
);

testProcess(
  "Ctrl-C ends parallel.ts and all that its commands have started",
  async () => {
    await using program = new Program([
      PARALLEL.href,
      "sleep 600 & sleep 601; :",
      "sleep 602 | cat",
      "sleep 603",
      "echo never",
    ]);
    const pids = await program.started(8);
    program.send("SIGINT");
    const { code, stdout } = await program.ends();
    assertEquals({ code, stdout }, { code: 130, stdout: "" });
    await untilEnded(...pids);
  },
);

testProcess("parallel.ts refuses wrong arguments", async () => {
  for (const args of [["--jobs=0"], ["--jobs=x"], ["--no-such-option"]]) {
    await using program = new Program([PARALLEL.href, ...args]);
    const { code, stderr } = await program.ends();
    assertEquals(code, 2);
    assertMatch(stderr, /^.+\nusage: parallel\.ts/);
  }
});

const STUBBORN = "trap 'echo asked to end' TERM; " +
  "(trap '' TERM; exec sleep 600) & while :; do sleep 0.01; done";

for (const how of ["runProcess()", "await using"]) {
  testProcess(
    `a second Ctrl-C ends at once what ignores SIGTERM (${how})`,
    async () => {
      const options = "{ killAfter: null, stdout: null }";
      const body = how === "runProcess()"
        ? `await runProcess(command, ${options});`
        : `await using process = await createSubprocessShell(command, ${options});
         await process.wait();`;
      await using program = new Program(
        ["-"],
        `import { run } from "${MOD}";
       import { createSubprocessShell, runProcess } from "${SUBPROCESS}";
       const command = ${JSON.stringify(STUBBORN)};
       await run(async () => {
         ${body}
       });`,
      );
      const pids = await program.started(2);
      program.send("SIGINT");
      await program.prints("asked to end");
      program.send("SIGINT");
      assertEquals((await program.ends()).code, 130);
      await untilEnded(...pids);
    },
  );
}

testProcess("a call of Deno.exit() ends what runProcess() runs", async () => {
  await using program = new Program(
    ["-"],
    `import { run } from "${MOD}";
     import { runProcess } from "${SUBPROCESS}";
     Deno.addSignalListener("SIGUSR1", () => Deno.exit(3));
     await run(async () => {
       await runProcess("sleep 600 & sleep 601; :");
     });`,
  );
  const pids = await program.started(3);
  program.send("SIGUSR1");
  assertEquals((await program.ends()).code, 3);
  await untilEnded(...pids);
});
