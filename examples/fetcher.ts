/**
 * Downloads many pages: a few at a time, no more often than is allowed, once more
 * if the server is busy; and shows how far it is.
 *
 *     deno run --allow-net examples/fetcher.ts [SERVER] [--count N] [--limit N]
 *         [--rate N] [--timeout SECONDS] [--attempts N] [--json]
 *
 * It asks the server for /1, /2… Without one, it serves these itself, badly.
 */

import {
  asCompleted,
  CancelledError,
  getRunningLoop,
  RateLimiter,
  retry,
  run,
  sleep,
  taskGroup,
  timeout,
  TimeoutError,
  wrapFuture,
} from "@asyncio/asyncio";
import { parseArgs } from "node:util";
import { serveBadly, type Traffic } from "./fetcher/server.ts";

const USAGE = `usage: fetcher.ts [SERVER] [--count N] [--limit N] [--rate N]
                  [--timeout SECONDS] [--attempts N] [--json]`;

/** The pause after the first attempt, in seconds. */
const BACKOFF = 0.1;
/** How often the progress is shown, in seconds. */
const GLANCE = 0.1;

interface Options {
  server: URL | null;
  /** How many pages to load. */
  count: number;
  /** How many are loaded at the same time. */
  limit: number;
  /** How many requests may be made in a second. */
  rate: number;
  /** How long a request may take, in seconds. */
  timeout: number;
  /** How often a page is asked for. */
  attempts: number;
  json: boolean;
}

/** An answer that is not the page. */
class StatusError extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

/** Whether it may be better next time. */
function isPassing(error: unknown): boolean {
  return error instanceof TimeoutError ||
    error instanceof TypeError || // no connection
    (error instanceof StatusError &&
      (error.status >= 500 || error.status === 429));
}

/** What has come of it so far. */
class Report {
  loaded = 0;
  bytes = 0;
  /** How many pages failed, by the reason. */
  failures: Record<string, number> = {};
  requests = 0;
  seconds = 0;
  interrupted = false;
  traffic: Traffic | null = null;

  fail(error: unknown): void {
    const reason = error instanceof TimeoutError
      ? "timed out"
      : (error as Error).message;
    this.failures[reason] = (this.failures[reason] ?? 0) + 1;
  }

  get failed(): number {
    return Object.values(this.failures).reduce((a, b) => a + b, 0);
  }

  /** A line about how far it is. */
  progress(count: number): string {
    const done = this.loaded + this.failed;
    const percent = Math.floor(100 * done / count);
    return `${percent} %: ${this.loaded} loaded, ${this.failed} failed`;
  }

  toString(): string {
    return [
      `${this.loaded} pages, ${this.bytes} bytes, ${this.requests} requests`,
      ...Object.entries(this.failures)
        .map(([reason, count]) => `${count} failed: ${reason}`),
      `${this.interrupted ? "interrupted after" : "in"} ${
        this.seconds.toFixed(1)
      } s`,
    ].join("\n");
  }
}

class Fetcher {
  readonly report = new Report();
  #options: Options;
  #limiter: RateLimiter;

  constructor(options: Options) {
    this.#options = options;
    this.#limiter = new RateLimiter(options.rate, 1);
  }

  /** Loads all pages of a server. */
  async run(server: URL): Promise<void> {
    const { report } = this;
    const loop = getRunningLoop();
    const start = loop.time();
    try {
      await taskGroup(async (group) => {
        const display = group.createTask(() => this.#showProgress());
        const { limit } = this.#options;
        for await (const call of asCompleted(this.#calls(server), { limit })) {
          const bytes = await call;
          report.bytes += bytes;
        }
        display.cancel();
      });
    } finally {
      report.seconds = loop.time() - start;
    }
  }

  /** What is to be done; it is asked for the next one when there is room. */
  *#calls(server: URL) {
    for (let n = 1; n <= this.#options.count; n++) {
      yield () => this.#load(new URL(`/${n}`, server));
    }
  }

  /** Loads a page, and gives its size; what fails has none. */
  async #load(url: URL): Promise<number> {
    const { attempts } = this.#options;
    try {
      const bytes = await retry(() => this.#request(url), {
        attempts,
        backoff: BACKOFF,
        jitter: 0.5,
        when: isPassing,
      });
      this.report.loaded++;
      return bytes;
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      this.report.fail(error);
      return 0;
    }
  }

  /** One attempt. A time limit and a cancellation end the request itself. */
  async #request(url: URL): Promise<number> {
    using _ = await this.#limiter.acquire();
    this.report.requests++;
    return await timeout(this.#options.timeout, async () => {
      return await wrapFuture(async (signal) => {
        const response = await fetch(url, { signal });
        const body = await response.arrayBuffer();
        if (!response.ok) throw new StatusError(response.status);
        return body.byteLength;
      });
    });
  }

  /** Shows the progress in a line, if the output is a terminal. */
  async #showProgress(): Promise<void> {
    if (this.#options.json || !Deno.stdout.isTerminal()) return;
    const write = (text: string) =>
      Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
    try {
      for (;;) {
        write(this.report.progress(this.#options.count));
        await sleep(GLANCE);
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
          count: { type: "string", default: "60" },
          limit: { type: "string", default: "8" },
          rate: { type: "string", default: "40" },
          timeout: { type: "string", default: "1" },
          attempts: { type: "string", default: "3" },
          json: { type: "boolean", default: false },
        },
      });
    } catch (error) {
      return fail((error as Error).message);
    }
  })();
  const { values, positionals: [address, ...rest] } = parsed;
  const whole = (name: "count" | "limit" | "rate" | "attempts"): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value > 0) return value;
    return fail(
      `--${name} must be a whole number above 0, not ${values[name]}`,
    );
  };
  const seconds = Number(values.timeout);
  if (!(seconds > 0)) fail(`--timeout must be above 0, not ${values.timeout}`);
  if (rest.length > 0) fail(`one server at most, not ${rest.length + 1}`);
  const server = address === undefined ? null : URL.parse(address);
  if (address !== undefined && !server?.protocol.startsWith("http")) {
    fail(`not the URL of a server: ${address}`);
  }
  return {
    server,
    count: whole("count"),
    limit: whole("limit"),
    rate: whole("rate"),
    timeout: seconds,
    attempts: whole("attempts"),
    json: values.json,
  };
}

async function main(options: Options): Promise<void> {
  await using site = options.server === null ? serveBadly() : null;
  const fetcher = new Fetcher(options);
  const { report } = fetcher;
  report.traffic = site;
  try {
    await fetcher.run(options.server ?? site!.url);
  } catch (error) {
    report.interrupted = error instanceof CancelledError;
    throw error;
  } finally {
    console.log(options.json ? JSON.stringify(report) : String(report));
  }
}

if (import.meta.main) {
  const options = readOptions(Deno.args);
  await run(() => main(options));
}
