// Runs the fetcher in a child process, on the server that it brings along.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const { state } = await Deno.permissions.query({ name: "run" });
const ignore = state !== "granted";
const program = new URL("../../examples/fetcher.ts", import.meta.url).href;

function start(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net=127.0.0.1", program, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
}

async function finish(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test({
  name:
    "the fetcher loads all pages, also those that are busy or hang at first",
  ignore,
  async fn() {
    const { code, stdout, stderr } = await finish(
      start("--json", "--count=60", "--rate=1000", "--limit=5", "--timeout=3"),
    );
    assertEquals([code, stderr], [0, ""]);
    const report = JSON.parse(stdout);
    // Every eleventh page is missing.
    assertEquals(report.loaded, 55);
    assertEquals(report.failures, { "status 404": 5 });
    // Every fifth is busy at first (but 55, which is missing), and every
    // seventeenth hangs at first. A connection may be lost on top of that.
    assert(report.requests >= 60 + 11 + 3);
    assertEquals(report.interrupted, false);
  },
});

Deno.test({
  name: "the fetcher asks again where it may help, and nowhere else",
  ignore,
  async fn() {
    const asked: Record<string, number> = {};
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      ({ url }) => {
        const path = new URL(url).pathname;
        asked[path] = (asked[path] ?? 0) + 1;
        const status = { "/1": 200, "/2": 404, "/3": 429 }[path] ?? 503;
        return new Response(null, { status });
      },
    );
    const { stdout } = await finish(
      start(
        `http://127.0.0.1:${server.addr.port}/`,
        "--json",
        "--count=4",
        "--attempts=2",
      ),
    );
    assertEquals(asked, { "/1": 1, "/2": 1, "/3": 2, "/4": 2 });
    assertEquals(JSON.parse(stdout).failures, {
      "status 404": 1,
      "status 429": 1,
      "status 503": 1,
    });
  },
});

Deno.test({
  name: "the fetcher has no more requests open than --limit",
  ignore,
  async fn() {
    for (const limit of [1, 4]) {
      // Sixteen pages do not include one that hangs: the server does not know
      // when the fetcher gives up.
      const { stdout } = await finish(
        start("--json", "--count=16", "--rate=1000", `--limit=${limit}`),
      );
      assertEquals(JSON.parse(stdout).traffic.peak, limit);
    }
  },
});

Deno.test({
  name: "the fetcher makes no more requests in a second than --rate",
  ignore,
  async fn() {
    const { stdout } = await finish(
      start("--json", "--count=4", "--rate=2", "--limit=4"),
    );
    const { seconds, loaded } = JSON.parse(stdout);
    assertEquals(loaded, 4);
    assert(seconds >= 0.99, `it took ${seconds} s`);
  },
});

Deno.test({
  name: "the fetcher gives up after --attempts",
  ignore,
  async fn() {
    const { stdout } = await finish(
      start("--json", "--count=5", "--rate=1000", "--attempts=1"),
    );
    const { loaded, failures } = JSON.parse(stdout);
    assertEquals([loaded, failures], [4, { "status 503": 1 }]);
  },
});

Deno.test({
  name: "the fetcher prints a summary for people, and loads from any server",
  ignore,
  async fn() {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("hello"),
    );
    const { stdout } = await finish(
      start(`http://127.0.0.1:${server.addr.port}/`, "--count=3"),
    );
    assertStringIncludes(stdout, "3 pages, 15 bytes, 3 requests\nin ");
  },
});

Deno.test({
  name: "Ctrl-C ends the fetcher with the summary so far",
  ignore: ignore || Deno.build.os === "windows",
  async fn() {
    const asked = Promise.withResolvers<void>();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async ({ url }) => {
        if (url.endsWith("/1")) return new Response("hello");
        asked.resolve();
        const never = Promise.withResolvers<Response>();
        closing.push(() => never.resolve(new Response()));
        return await never.promise;
      },
    );
    const closing: (() => void)[] = [];
    const child = start(
      `http://127.0.0.1:${server.addr.port}/`,
      "--json",
      "--limit=2",
      "--timeout=600",
    );
    await asked.promise;
    child.kill("SIGINT");
    const { code, stdout } = await finish(child);
    closing.forEach((close) => close());
    assertEquals(code, 130);
    const report = JSON.parse(stdout);
    assertEquals([report.interrupted, report.failures], [true, {}]);
  },
});

for (
  const [args, message] of [
    [["--count", "0"], "--count must be a whole number above 0, not 0"],
    [["--limit", "1.5"], "--limit must be a whole number above 0, not 1.5"],
    [["--rate", "x"], "--rate must be a whole number above 0, not x"],
    [["--attempts=-1"], "--attempts must be a whole number above 0, not -1"],
    [["--timeout", "NaN"], "--timeout must be above 0, not NaN"],
    [["--unknown"], "--unknown"],
    [["nowhere"], "not the URL of a server: nowhere"],
    [["http://127.0.0.1/", "http://127.0.0.1/"], "one server at most, not 2"],
  ] as const
) {
  Deno.test({
    name: `the fetcher refuses ${args.join(" ")} with the usage and status 2`,
    ignore,
    async fn() {
      const { code, stdout, stderr } = await finish(start(...args));
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, message);
      assertStringIncludes(stderr, "usage: fetcher.ts");
    },
  });
}
