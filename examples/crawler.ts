/**
 * A web crawler that visits several pages at the same time, up to a limit.
 *
 *     deno run --allow-net examples/crawler.ts [URL] [--max-pages N]
 *         [--concurrency N] [--timeout SECONDS] [--json] [--trace FILE]
 *
 * Without a URL it serves a small site on this machine and crawls that. With
 * --trace, which needs --allow-write, it records a timeline of its tasks: open
 * the file in https://ui.perfetto.dev.
 */

import {
  CancelledError,
  getRunningLoop,
  Queue,
  run,
  sleep,
  taskGroup,
  timeout,
  TimeoutError,
  wrapFuture,
  wrapIterable,
} from "@asyncio/asyncio";
import { recordTimeline } from "@asyncio/asyncio/tracing";
import { parseArgs } from "node:util";
import { Parser } from "htmlparser2";
import { Report } from "./crawler/report.ts";
import { serveSite } from "./crawler/site.ts";

const USAGE =
  "usage: crawler.ts [URL] [--max-pages N] [--concurrency N] [--timeout SECONDS] [--json] [--trace FILE]";

const MAX_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 5;

interface Options {
  start: URL | null;
  maxPages: number;
  concurrency: number;
  timeout: number;
  json: boolean;
  /** The file that gets the timeline. */
  trace: string | null;
}

/** A page that could not be read; the message says why in a few words. */
class PageError extends Error {}

/** A page that was read. */
interface Page {
  url: URL;
  bytes: number;
  links: URL[];
}

// ---------------------------------------------------------------- one page

/** The links of a document that lead to web pages. */
function findLinks(html: string, base: URL): URL[] {
  const links: URL[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name !== "a" || attributes.href === undefined) return;
      const link = URL.parse(attributes.href, base);
      if (link === null || !link.protocol.startsWith("http")) return;
      link.hash = "";
      links.push(link);
    },
  });
  parser.end(html);
  return links;
}

/** Reads a body, up to a maximum size. */
async function readText(response: Response): Promise<[string, number]> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of wrapIterable(response.body ?? [])) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new PageError("too large"); // ends the request
    text += decoder.decode(chunk, { stream: true });
  }
  return [text, bytes];
}

/** Downloads a page with native code, which ends early through the signal. */
async function download(
  url: URL,
  report: Report,
  signal: AbortSignal,
): Promise<Page> {
  const { origin } = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    report.requests++;
    const response = await fetch(url, { signal, redirect: "manual" });
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      url = new URL(location, url);
      if (url.origin !== origin) throw new PageError("leads elsewhere");
      continue;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new PageError(`status ${response.status}`);
    }
    const [text, bytes] = await readText(response);
    const isHtml = response.headers.get("content-type")?.includes("html");
    return { url, bytes, links: isHtml ? findLinks(text, url) : [] };
  }
  throw new PageError("redirect loop");
}

// --------------------------------------------------------------- the crawl

class Crawl {
  readonly report: Report;
  #queue = new Queue<URL>();
  #seen = new Set<string>();
  #options: Options;
  #origin: string;

  constructor(start: URL, options: Options, report: Report) {
    this.report = report;
    this.#options = options;
    this.#origin = start.origin;
    this.#add(start);
  }

  /** Queues a page, once, and only if it belongs to the same site. */
  #add(url: URL): void {
    if (url.origin !== this.#origin || this.#seen.has(url.href)) return;
    if (this.#seen.size >= this.#options.maxPages) return;
    this.#seen.add(url.href);
    this.#queue.putNowait(url);
  }

  async run(): Promise<void> {
    const start = getRunningLoop().time();
    try {
      await taskGroup(async (group) => {
        for (let i = 1; i <= this.#options.concurrency; i++) {
          group.createTask(() => this.#work(), { name: `worker-${i}` });
        }
        const progress = group.createTask(() => this.#showProgress());
        // All pages that were found are done: the workers can end.
        await this.#queue.join();
        this.#queue.shutdown();
        progress.cancel();
      });
    } finally {
      this.report.elapsed = getRunningLoop().time() - start;
    }
  }

  /** A worker: visits page after page until the queue is shut down. */
  async #work(): Promise<void> {
    for await (const url of this.#queue) {
      try {
        await this.#visit(url);
      } finally {
        this.#queue.taskDone();
      }
    }
  }

  async #visit(url: URL): Promise<void> {
    const { report } = this;
    const start = getRunningLoop().time();
    try {
      // A timeout and Ctrl-C both cancel this wait, which also ends the request
      // itself through the signal.
      const page = await timeout(
        this.#options.timeout,
        () => wrapFuture((signal) => download(url, report, signal)),
      );
      report.pages++;
      report.bytes += page.bytes;
      page.links.forEach((link) => this.#add(link));
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      if (error instanceof TimeoutError) report.fail("timed out", url);
      else if (error instanceof PageError) report.fail(error.message, url);
      else report.fail("no connection", url);
    } finally {
      report.latencies.push(getRunningLoop().time() - start);
    }
  }

  /** Shows the progress in a line, if the output is a terminal. */
  async #showProgress(): Promise<void> {
    if (this.#options.json || !Deno.stdout.isTerminal()) return;
    const write = (text: string) =>
      Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
    try {
      for (;;) {
        const { pages, failed } = this.report;
        write(`${pages} pages, ${failed} failed, ${this.#queue.qsize()} to go`);
        await sleep(0.1);
      }
    } finally {
      write("");
    }
  }
}

// -------------------------------------------------------------- the program

function fail(message: string): never {
  console.error(message);
  console.error(USAGE);
  Deno.exit(2);
}

function readOptions(args: string[]): Options {
  const parsed = (() => {
    try {
      return parseArgs({
        args,
        allowPositionals: true,
        options: {
          "max-pages": { type: "string", default: "1000" },
          concurrency: { type: "string", default: "8" },
          timeout: { type: "string", default: "2" },
          json: { type: "boolean", default: false },
          trace: { type: "string" },
        },
      });
    } catch (error) {
      return fail((error as Error).message);
    }
  })();
  const { values, positionals } = parsed;
  const count = (name: "max-pages" | "concurrency"): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value > 0) return value;
    return fail(
      `--${name} must be a whole number above 0, not ${values[name]}`,
    );
  };
  const seconds = Number(values.timeout);
  if (!(seconds > 0)) fail(`--timeout must be above 0, not ${values.timeout}`);
  if (positionals.length > 1) {
    fail(`one URL at most, not ${positionals.length}`);
  }
  const [address] = positionals;
  const start = address === undefined ? null : URL.parse(address);
  if (address !== undefined && !start?.protocol.startsWith("http")) {
    fail(`not the URL of a site: ${address}`);
  }
  return {
    start,
    maxPages: count("max-pages"),
    concurrency: count("concurrency"),
    timeout: seconds,
    json: values.json,
    trace: values.trace ?? null,
  };
}

/** Crawls the given site, or else the demonstration site. */
async function crawlSite(options: Options, report: Report): Promise<void> {
  await using site = options.start === null ? serveSite() : null;
  report.site = site; // so that its own counts can be compared
  const start = options.start ?? site!.url;
  console.error(`crawling ${start}`);
  await new Crawl(start, options, report).run();
}

async function main(options: Options): Promise<void> {
  const report = new Report();
  const recording = options.trace === null ? null : recordTimeline();
  try {
    await crawlSite(options, report);
  } catch (error) {
    report.interrupted = error instanceof CancelledError;
    throw error; // run() ends the program with the matching status
  } finally {
    console.log(options.json ? JSON.stringify(report) : String(report));
    if (recording !== null) {
      Deno.writeTextFileSync(options.trace!, JSON.stringify(recording.stop()));
    }
  }
}

if (import.meta.main) {
  const options = readOptions(Deno.args);
  await run(() => main(options));
}
