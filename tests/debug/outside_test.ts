// ./debug and ./cli, with real processes.

import { Child, testChild } from "../host/_child.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";

const DEBUG = new URL("../../debug.ts", import.meta.url).href;
const CLI = new URL("../../cli.ts", import.meta.url).href;

const PRELOAD = `--preload=${DEBUG}`;
const SOCKET = ["--allow-read", "--allow-write", "--allow-net"];

/** Two tasks and a task that waits for one of them; prints "ready" then. */
const PROGRAM = `
  await run(async function main() {
    const quiet = createTask(() => new Event().wait(), { name: "quiet" });
    const waiter = createTask(async function wait() { await quiet; }, { name: "waiter" });
    await sleep(0);
    await sleep(0);
    console.log("ready");
    await sleep(3600);
  });
`;

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command in a process of its own. */
async function cli(flags: string[], ...args: unknown[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-prompt",
      ...flags,
      CLI,
      ...args.map(String),
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function start(program: string, ...flags: string[]): Promise<Child> {
  const child = new Child(program, flags);
  await child.prints("ready");
  return child;
}

/** Ends it in the usual way, and checks that it was not harmed. */
async function interrupt(child: Child): Promise<string> {
  child.send("SIGINT");
  const { code, signal, errors } = await child.ends();
  assertEquals([code, signal], [130, null], errors);
  return errors;
}

/** The tasks in a tree, each with the task above it. */
function tasksIn(tree: string): string[] {
  const path: { name: string; depth: number }[] = [];
  const found: string[] = [];
  for (
    const [, indent, name] of tree.matchAll(/^([│ ]*)[└├]── \(T\) (.*)$/gm)
  ) {
    while (path.length > 0 && path.at(-1)!.depth >= indent.length) path.pop();
    path.push({ name, depth: indent.length });
    found.push(path.map(({ name }) => name).join(" > "));
  }
  return found.sort();
}

/** Whether there is such a socket, without asking for a permission. */
async function isSocket(path: string): Promise<boolean> {
  const { success } = await new Deno.Command("test", { args: ["-S", path] })
    .output();
  return success;
}

const TREE = ["Task-1", "waiter", "waiter > quiet"];

testChild(
  "./debug turns debug mode on for every loop that is made after it",
  async () => {
    const child = await start(
      `const { newEventLoop } = library;
    await run(async () => console.log("ready"));
    await run(async () => console.log(getRunningLoop().getDebug()));
    await run(async () => console.log(getRunningLoop().getDebug()), { debug: false });
    console.log(newEventLoop().getDebug());`,
      PRELOAD,
    );
    await child.prints("true", "false", "true");
    const { code } = await child.ends();
    assertEquals(code, 0);
    await child[Symbol.asyncDispose]();
  },
);

for (const signal of ["SIGUSR1", "SIGURG"] as const) {
  testChild(
    `on ${signal} a process prints the tree of its tasks, as often as asked`,
    async () => {
      await using child = await start(PROGRAM, PRELOAD);
      for (let i = 0; i < 2; i++) {
        child.send(signal);
        await child.complains(`Process ${child.pid} has 3 tasks:`);
      }
      const [, first, second] = (await interrupt(child)).split(/^Process .*$/m);
      assertEquals(first, second.slice(0, first.length));
      assertEquals(tasksIn(first), TREE);
    },
  );
}

testChild(
  "a process that ./debug watches ends as it would without",
  async () => {
    const endings: [string, number, string][] = [
      ["await run(() => new Event().wait());", 1, "Top-level await"],
      ["run(() => new Event().wait());", 0, "cannot go on"],
      [
        "await run(() => sleep(0)); await new Promise(() => {});",
        1,
        "Top-level await",
      ],
      ["await run(() => { throw new Error('mine'); });", 1, "mine"],
      ["await run(() => sleep(0));", 0, ""],
    ];
    for (const [program, expected, text] of endings) {
      for (const flags of [[], ["--allow-all"]]) {
        await using child = new Child(program, [PRELOAD, ...flags]);
        const { code, errors } = await child.ends();
        assertEquals(code, expected, `${program} ${flags}: ${errors}`);
        assertStringIncludes(errors, text);
      }
    }
  },
);

testChild("ps prints the table of a process with a socket", async () => {
  await using child = await start(PROGRAM, PRELOAD, ...SOCKET);
  const { code, stdout, stderr } = await cli(SOCKET, "ps", child.pid);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.length, 5);
  assert(lines[0].startsWith("tid        task id "), lines[0]);
  for (const [i, name] of ["Task-1", "quiet", "waiter"].entries()) {
    assertEquals(lines[i + 2].slice(0, 11).trimEnd(), String(child.pid));
    assertEquals(lines[i + 2].slice(32, 52).trimEnd(), name);
  }
  assertStringIncludes(lines[3], "waiter"); // which waits for it
  await interrupt(child);
});

testChild("pstree prints the tree of a process with a socket", async () => {
  await using child = await start(PROGRAM, PRELOAD, ...SOCKET);
  const { code, stdout, stderr } = await cli(SOCKET, "pstree", child.pid);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(tasksIn(stdout), TREE);
  await interrupt(child);
});

testChild("--json prints what the process has told", async () => {
  await using child = await start(PROGRAM, PRELOAD, ...SOCKET);
  const { code, stdout, stderr } = await cli(SOCKET, "ps", "--json", child.pid);
  assertEquals([code, stderr], [0, ""]);
  const report = JSON.parse(stdout);
  assertEquals(report.pid, child.pid);
  assertEquals(report.cycles, []);
  const [main, quiet, waiter] = report.tasks;
  assertEquals([main.name, quiet.name, waiter.name], [
    "Task-1",
    "quiet",
    "waiter",
  ]);
  assertEquals(quiet.awaitedBy.map(({ id }: { id: string }) => id), [
    waiter.id,
  ]);
  await interrupt(child);
});

testChild("the crawler shows which pages its workers wait for", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", PRELOAD],
      new URL("../../examples/crawler.ts", import.meta.url).href,
      // One page never answers: in the end, a worker waits for that alone.
      ...["--timeout=600", "--concurrency=3"],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const inTree =
    /Crawl\.#visit \S*crawler\.ts:\d+\n.* {2}native promise at \S*crawler\.ts:\d+$/m;
  const inTable =
    / native promise -> Crawl\.#visit -> Crawl\.#work +<anonymous> -> Crawl\.run -> crawlSite -> main +Task-1 /;
  const tasks = [
    "Task-1",
    "Task-1 > worker-1",
    "Task-1 > worker-2",
    "Task-1 > worker-3",
  ];
  let tree = "";
  let table = "";
  const isQuiet = () =>
    inTree.test(tree) && inTable.test(table) &&
    String(tasksIn(tree)) === String(tasks);
  // Until then, the workers go from page to page.
  for (let i = 0; i < 100 && !isQuiet(); i++) {
    tree = (await cli(SOCKET, "pstree", child.pid)).stdout;
    table = (await cli(SOCKET, "ps", child.pid)).stdout;
  }
  child.kill("SIGINT");
  const { code } = await child.output();
  assertEquals(code, 130);
  assertEquals(tasksIn(tree), tasks);
  assertMatch(tree, inTree);
  assertMatch(table, inTable);
});

testChild(
  "tasks that wait in a circle are shown and named, with status 1",
  async () => {
    await using child = await start(
      `await run(async function main() {
      const tasks = [];
      const wait = async (i) => { await sleep(0); await tasks[i]; };
      for (const i of [1, 2, 0]) {
        tasks.push(createTask(() => wait(i), { name: "abc"[tasks.length] }));
      }
      await sleep(0.01);
      console.log("ready");
      await sleep(3600);
    });`,
      PRELOAD,
      ...SOCKET,
    );
    const { code, stdout, stderr } = await cli(SOCKET, "pstree", child.pid);
    assertEquals(stderr, "cycle: a → b → c → a\n");
    assertEquals(code, 1);
    assertStringIncludes(stdout, "(T) a (cycle)");
    const json = await cli(SOCKET, "pstree", "--json", child.pid);
    assertEquals(json.code, 1);
    assertEquals(JSON.parse(json.stdout).cycles[0].length, 4);
    await interrupt(child);
  },
);

testChild(
  "a process without permissions is asked by a signal, and prints",
  async () => {
    await using child = await start(PROGRAM, PRELOAD);
    for (const view of ["ps", "pstree"]) {
      const { code, stdout, stderr } = await cli(
        ["--allow-run"],
        view,
        child.pid,
      );
      assertEquals([code, stdout], [0, ""]);
      assertStringIncludes(
        stderr,
        `Process ${child.pid} was asked to print the tree`,
      );
      await child.complains(`Process ${child.pid} has 3 tasks:`);
    }
    const { code, stderr } = await cli(
      ["--allow-run", ...SOCKET],
      "ps",
      "--json",
      child.pid,
    );
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      "--json needs a socket. To have it here, run that process with --allow-read --allow-write --allow-net.",
    );
    await interrupt(child);
  },
);

testChild(
  "a process that does not listen is told from one that does, and not harmed",
  async () => {
    const idle =
      `console.log("ready"); setTimeout(() => {}, 3600_000); Deno.addSignalListener("SIGINT", () => Deno.exit(130));`;
    for (
      const [program, flags] of [[PROGRAM, []], [idle, [PRELOAD]]] as const
    ) {
      await using child = await start(program, ...flags);
      const { code, stdout, stderr } = await cli(
        ["--allow-run"],
        "pstree",
        child.pid,
      );
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(
        stderr,
        `Process ${child.pid} (deno) does not listen: it does not import "@asyncio/asyncio/debug", or it runs no loop at the moment.`,
      );
      assertEquals(await interrupt(child), "");
    }
  },
);

testChild("asking between two loops does no harm", async () => {
  await using child = await start(
    `await run(() => sleep(0));
    console.log("ready");
    setTimeout(() => {}, 3600_000);
    Deno.addSignalListener("SIGINT", () => Deno.exit(130));`,
    PRELOAD,
  );
  const { code } = await cli(["--allow-run"], "pstree", child.pid);
  assertEquals(code, 0); // Deno does not take its handler back
  assertEquals(await interrupt(child), "");
});

testChild(
  "the signal of the command does nothing to a process that does not listen",
  async () => {
    await using child = await start(PROGRAM);
    child.send("SIGURG");
    assertEquals(await interrupt(child), "");
  },
);

testChild(
  "a socket that was left behind is no answer, and is replaced",
  async () => {
    await using child = await start(PROGRAM, PRELOAD, ...SOCKET);
    const path = `/tmp/asyncio-${child.pid}.sock`;
    assert(await isSocket(path));
    child.send("SIGKILL");
    await child.ends();
    assert(await isSocket(path));
    const { code, stderr } = await cli(
      ["--allow-run", ...SOCKET],
      "ps",
      child.pid,
    );
    assertEquals([code, stderr], [1, `There is no process ${child.pid}.\n`]);
    // The next process with that number listens all the same: like this one.
    await using next = await start(
      `const path = "/tmp/asyncio-" + Deno.pid + ".sock";
    Deno.renameSync("${path}", path);
    await run(async () => { console.log("ready"); await sleep(3600); });`,
      PRELOAD,
      ...SOCKET,
    );
    assertEquals((await cli(SOCKET, "ps", next.pid)).code, 0);
    await interrupt(next);
  },
);

testChild("a socket is removed when the last loop ends", async () => {
  await using child = await start(
    `const path = "/tmp/asyncio-" + Deno.pid + ".sock";
    const isThere = () => { try { return Deno.statSync(path).isSocket; } catch { return false; } };
    console.log("ready");
    console.log(isThere());
    await Promise.all([
      run(async () => { await sleep(0); console.log(isThere()); }),
      run(async () => { await sleep(0.01); console.log(isThere()); }),
    ]);
    console.log(isThere());`,
    PRELOAD,
    ...SOCKET,
  );
  await child.prints("false", "true", "true", "false");
  assertEquals((await child.ends()).code, 0);
});

testChild(
  "loops that follow each other at once all have the socket",
  async () => {
    await using child = new Child(
      `const path = "/tmp/asyncio-" + Deno.pid + ".sock";
    for (let i = 0; i < 6; i++) {
      await run(async () => {
        await sleep(i % 3 === 2 ? 0.01 : 0);
        console.log(Deno.statSync(path).isSocket);
      });
    }`,
      [PRELOAD, ...SOCKET],
    );
    await child.prints(...Array(6).fill("true"));
    const { code, errors } = await child.ends();
    assertEquals(code, 0, errors);
  },
);

testChild("the command says which permission it needs", async () => {
  await using child = await start(PROGRAM, PRELOAD);
  const cases: [string[], string][] = [
    [
      [],
      "This command may do nothing: run it again with --allow-run, or with --allow-read --allow-write --allow-net.",
    ],
    [["--allow-read", "--allow-net"], "run it again with --allow-run"],
    [
      SOCKET,
      `Process ${child.pid} does not answer. To find out why, or to send it a signal, run this command again with --allow-run.`,
    ],
  ];
  for (const [flags, text] of cases) {
    const { code, stdout, stderr } = await cli(flags, "ps", child.pid);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, text);
  }
  await interrupt(child);
});

testChild(
  "the command refuses a wrong command line with its usage and status 2",
  async () => {
    const cases: [string[], string][] = [
      [[], "a command is missing"],
      [["top", "1"], "no command 'top'"],
      [["ps"], "one PID is needed, not 0"],
      [["ps", "1", "2"], "one PID is needed, not 2"],
      [["ps", "x"], "a PID is a whole number above 0, not 'x'"],
      [["ps", "0"], "a PID is a whole number above 0, not '0'"],
      [["ps", "1.5"], "a PID is a whole number above 0, not '1.5'"],
      [
        ["ps", "99999999999"],
        "a PID is a whole number above 0, not '99999999999'",
      ],
      [["ps", "-1"], "there is no option -1"],
      [["ps", "--jsno", "1"], "there is no option --jsno"],
    ];
    for (const [args, text] of cases) {
      const { code, stdout, stderr } = await cli(["--allow-run"], ...args);
      assertEquals([code, stdout], [2, ""], args.join(" "));
      assertStringIncludes(stderr, text);
      assertStringIncludes(stderr, "usage: cli ps|pstree [--json] PID");
    }
    const { code, stdout } = await cli([], "--help");
    assertEquals(code, 0);
    assertStringIncludes(stdout, "usage: cli ps|pstree [--json] PID");
  },
);

testChild("a name that would move the cursor is printed escaped", async () => {
  await using child = await start(
    `await run(async () => {
      createTask(() => sleep(3600), { name: "a\\nb\\x1b[2J" });
      await sleep(0);
      console.log("ready");
      await sleep(3600);
    });`,
    PRELOAD,
    ...SOCKET,
  );
  const { stdout } = await cli(SOCKET, "pstree", child.pid);
  assertStringIncludes(stdout, "(T) a\\x0ab\\x1b[2J");
  await interrupt(child);
});

testChild("a deadlock is found in a process that is watched", async () => {
  const testing = new URL("../../testing.ts", import.meta.url).href;
  await using child = new Child(
    `const { runTest } = await import(${JSON.stringify(testing)});
    await runTest(() => new Event().wait()).catch((error) => console.log(error.name));`,
    [PRELOAD, "--allow-all"],
  );
  await child.prints("DeadlockError");
  assertEquals((await child.ends()).code, 0);
});

testChild(
  "a process that takes no notice is told from one that is not there",
  async () => {
    const client = new URL("../../_host/local_client.ts", import.meta.url).href;
    await using child = new Child(
      `const { readLocally } = await import(${JSON.stringify(client)});
    const path = "/tmp/asyncio-" + Deno.pid + ".test";
    const ask = async () => console.log((await readLocally(path, 0.01)).from);
    await ask();
    const listener = Deno.listen({ transport: "unix", path });
    await ask(); // the system takes the connection, but nobody reads it
    listener.close();
    await ask();
    `,
      SOCKET,
    );
    await child.prints("nobody", "busy", "nobody");
    const { code, errors } = await child.ends();
    assertEquals(code, 0, errors);
  },
);
