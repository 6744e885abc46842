/** A small web site for the crawler, with everything that can go wrong. */

const SECTIONS = 5;
const ARTICLES = 5;
const SLOW_PAGES = 4;
const SLOW_MS = 250;
const HUGE_CHUNKS = 512;
const CHUNK = new Uint8Array(64 * 1024).fill(0x20);

/** A running site, with its counts so far. */
export interface Site extends AsyncDisposable {
  readonly url: URL;
  /** How many requests it has received. */
  readonly requests: number;
  /** The largest number of requests that were open at the same time. */
  readonly peak: number;
  /** How many requests are open now. */
  readonly open: number;
}

function html(title: string, links: string[]): Response {
  const items = links.map((link) => `<li><a href="${link}">${link}</a></li>`);
  return new Response(
    `<!DOCTYPE html><title>${title}</title><h1>${title}</h1><ul>${
      items.join("")
    }</ul>`,
    { headers: { "content-type": "text/html; charset=utf-8" } },
  );
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function huge(): Response {
  let left = HUGE_CHUNKS;
  const body = new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(CHUNK);
      else controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/html" } });
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } });
}

async function answer(path: string, gone: Promise<void>): Promise<Response> {
  const [, kind, first, second] = path.split("/");
  switch (kind) {
    case "":
      return html("Home", [
        ...numbers(SECTIONS).map((section) => `/section/${section}`),
        ...numbers(SLOW_PAGES).map((page) => `/slow/${page}`),
        "/old",
        "/loop/a",
        "/missing",
        "/broken",
        "/huge",
        "/never",
        "/picture.png",
        "https://example.com/",
        "mailto:nobody@example.com",
      ]);
    case "section":
      if (second !== undefined) {
        return html(`Article ${first}.${second}`, ["/", `/section/${first}`]);
      }
      return html(`Section ${first}`, [
        "/",
        ...numbers(ARTICLES).map((article) => `/section/${first}/${article}`),
      ]);
    case "slow":
      await pause(SLOW_MS);
      return html(`Slow page ${first}`, ["/"]);
    case "old":
      return redirect("/section/1");
    case "loop":
      return redirect(first === "a" ? "/loop/b" : "/loop/a");
    case "broken":
      return new Response("out of order", { status: 500 });
    case "huge":
      return huge();
    case "never":
      await gone;
      return new Response(null, { status: 503 });
    case "picture.png":
      return new Response(new Uint8Array(1024), {
        headers: { "content-type": "image/png" },
      });
    default:
      return new Response("not found", { status: 404 });
  }
}

/** Serves the site on a free port of this machine. */
export function serveSite(): Site {
  const counts = { requests: 0, open: 0, peak: 0 };
  const closing = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request, info) => {
      counts.requests++;
      counts.peak = Math.max(counts.peak, ++counts.open);
      try {
        const gone = info.completed.catch(() => {}); // the client disconnected
        return await answer(
          new URL(request.url).pathname,
          Promise.race([gone, closing.promise]),
        );
      } finally {
        counts.open--;
      }
    },
  );
  return {
    url: new URL(`http://127.0.0.1:${server.addr.port}/`),
    get requests() {
      return counts.requests;
    },
    get peak() {
      return counts.peak;
    },
    get open() {
      return counts.open;
    },
    async [Symbol.asyncDispose]() {
      closing.resolve();
      await server.shutdown();
    },
  };
}
