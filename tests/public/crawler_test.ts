// Runs the crawler in a child process, on its own demonstration site.

import {
  arrows,
  assertTimeline,
  instants,
  slicesOf,
  trackOf,
} from "../tracing/_timeline.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";

const { state } = await Deno.permissions.query({ name: "run" });
const ignore = state !== "granted";
const program = new URL("../../examples/crawler.ts", import.meta.url).href;

function start(...args: string[]): Deno.ChildProcess {
  return startWith([], ...args);
}

function startWith(flags: string[], ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", ...flags, program, ...args],
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
  name: "the crawler counts every page and every failure of its site",
  ignore,
  async fn() {
    const { code, stdout, stderr } = await finish(
      start("--json", "--timeout", "1", "--concurrency", "5"),
    );
    assertMatch(stderr, /^crawling http:\/\/127\.0\.0\.1:\d+\/\n$/);
    assertEquals(code, 0);
    const report = JSON.parse(stdout);
    // Home, 5 sections of 5 articles, 4 slow ones, /old and the picture.
    assertEquals(report.pages, 1 + 5 + 25 + 4 + 1 + 1);
    assertEquals(report.failures, {
      "redirect loop": ["/loop/a"],
      "status 404": ["/missing"],
      "status 500": ["/broken"],
      "timed out": ["/never"],
      "too large": ["/huge"],
    });
    assertEquals(report.interrupted, false);
    assertEquals(report.requests, report.site.requests);
    assertEquals(report.site.open, 0);
  },
});

Deno.test({
  name: "the crawler never has more requests open than --concurrency",
  ignore,
  async fn() {
    for (const limit of [1, 3]) {
      // Ten pages include the slow ones. (With more there would be a timeout,
      // which ends a request for the crawler before the server knows.)
      const { stdout } = await finish(
        start("--json", "--max-pages=10", `--concurrency=${limit}`),
      );
      assertEquals(JSON.parse(stdout).site.peak, limit);
    }
  },
});

Deno.test({
  name: "the crawler stops at --max-pages",
  ignore,
  async fn() {
    const { stdout } = await finish(start("--json", "--max-pages", "4"));
    assertEquals(JSON.parse(stdout).pages, 4);
  },
});

Deno.test({
  name: "the crawler records a timeline with --trace, whose numbers are right",
  ignore: ignore || Deno.build.os === "windows",
  async fn() {
    const file = `/tmp/asyncio-crawler-${Deno.pid}.json`;
    const { code, stdout } = await finish(startWith(
      [`--allow-write=${file}`],
      "--json",
      "--max-pages=10",
      "--concurrency=3",
      `--trace=${file}`,
    ));
    assertEquals(code, 0);
    const { elapsed } = JSON.parse(stdout);
    const { stdout: text } = await new Deno.Command("sh", {
      args: ["-c", `cat ${file} && rm ${file}`],
    }).output();
    const timeline = JSON.parse(new TextDecoder().decode(text));
    assertTimeline(timeline);
    assertEquals(timeline.otherData.dropped, 0);

    // Each worker is there from its creation to its end, without a gap.
    for (const name of ["worker-1", "worker-2", "worker-3"]) {
      const slices = slicesOf(timeline, trackOf(timeline, name));
      const total = slices.reduce((sum, { dur }) => sum + dur!, 0);
      const last = slices.at(-1)!;
      assertAlmostEquals(total, last.ts + last.dur! - slices[0].ts, 1);
      assert(total <= elapsed * 1e6, `${name}: ${total}`);
      assertEquals(instants(timeline, name), ["finished"]);
    }
    // The main task creates the workers, and the last page wakes it.
    const found = arrows(timeline);
    for (const n of [1, 2, 3]) {
      assert(found.includes(`spawn: Task-1 > worker-${n}`), `${found}`);
    }
  },
});

Deno.test({
  name: "the crawler prints a summary for people",
  ignore,
  async fn() {
    const { stdout } = await finish(start("--timeout", "1"));
    for (
      const text of [
        "Done.",
        "pages      37",
        "one after another it would have taken",
        "timed out       /never",
      ]
    ) assertStringIncludes(stdout, text);
  },
});

Deno.test({
  name:
    "Ctrl-C ends the crawler with the summary so far and all connections closed",
  ignore: ignore || Deno.build.os === "windows",
  async fn() {
    // The page that never answers keeps it running until it is interrupted.
    const child = start("--json", "--timeout", "600");
    const stderr = child.stderr.getReader();
    await stderr.read(); // "crawling …": it has started
    child.kill("SIGINT");
    const stdout = await new Response(child.stdout).text();
    await stderr.cancel();
    const { code } = await child.status;
    assertEquals(code, 130);
    const report = JSON.parse(stdout);
    assert(report.interrupted);
    assertEquals(report.site.open, 0);
  },
});

for (
  const [args, message] of [
    [["--concurrency", "0"], "--concurrency must be a whole number above 0"],
    [["--max-pages", "x"], "--max-pages must be a whole number above 0"],
    [["--timeout=-1"], "--timeout must be above 0"],
    [["--timeout", "NaN"], "--timeout must be above 0"],
    [["--unknown"], "--unknown"],
    [["not a url"], "not the URL of a site"],
    [["ftp://127.0.0.1/"], "not the URL of a site"],
    [["http://127.0.0.1/", "http://127.0.0.1/"], "one URL at most"],
  ] as const
) {
  Deno.test({
    name: `the crawler refuses ${args.join(" ")} with the usage and status 2`,
    ignore,
    async fn() {
      const { code, stdout, stderr } = await finish(start(...args));
      assertEquals(code, 2);
      assertEquals(stdout, "");
      assertStringIncludes(stderr, message);
      assertStringIncludes(stderr, "usage: crawler.ts");
    },
  });
}
