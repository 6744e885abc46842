import { Event, sleep } from "@asyncio/asyncio";

/** What the server has seen. */
export interface Traffic {
  requests: number;
  /** How many requests were open at the same time, at most. */
  peak: number;
}

/**
 * Serves pages `/1`, `/2`… on this machine, as badly as real servers do: every
 * fifth page is busy at first, every eleventh is missing, every seventeenth never
 * comes when it is asked for the first time.
 */
export function serveBadly(): AsyncDisposable & Traffic & { url: URL } {
  const seen = new Set<string>();
  const closing = new AbortController();
  const closed = new Event();
  let open = 0;
  const site = {
    requests: 0,
    peak: 0,
    url: new URL("http://127.0.0.1/"),
    async [Symbol.asyncDispose]() {
      closed.set(); // answers what never comes
      closing.abort();
      await server.finished;
    },
  };

  async function answer(page: string): Promise<Response> {
    const isFirst = !seen.has(page);
    seen.add(page);
    const n = Number(page.slice(1));
    await sleep(0.02);
    if (n % 11 === 0) return new Response("no such page", { status: 404 });
    if (isFirst && n % 5 === 0) return new Response("busy", { status: 503 });
    if (isFirst && n % 17 === 0) await closed.wait();
    return new Response(`This is page ${n}.`.repeat(n));
  }

  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: closing.signal,
    onListen: () => {},
    async handler({ url }) {
      site.requests++;
      site.peak = Math.max(site.peak, ++open);
      try {
        return await answer(new URL(url).pathname);
      } finally {
        open--;
      }
    },
  });
  site.url.port = String(server.addr.port);
  return site;
}
