// A web server whose requests are tasks of a group: a few at a time, each with
// a time limit, and with a graceful end. It asks itself, and ends.
// Run it with --allow-net=127.0.0.1 --unstable-no-legacy-abort.

import {
  CancelledError,
  Event,
  Future,
  getRunningLoop,
  moveOnAfter,
  Queue,
  run,
  Semaphore,
  sleep,
  taskGroup,
  timeout,
  TimeoutError,
  wrapFuture,
} from "@asyncio/asyncio";

// docs/servers.md explains what follows, up to the next line.
/** What a server does with a request. */
type Handler = (request: Request) => Promise<Response>;

interface ServerOptions {
  /** How many requests are handled at the same time. */
  limit: number;
  /** How long a request may take, in seconds. */
  patience: number;
  /** How long those that are left may take at the end, in seconds. */
  grace: number;
}

/** Serves until `stop` is set, then lets the open requests end. */
async function serve(
  handler: Handler,
  stop: Event,
  started: Future<number>,
  { limit, patience, grace }: ServerOptions,
): Promise<void> {
  const slots = new Semaphore(limit);

  async function handle(request: Request): Promise<Response> {
    try {
      return await timeout(patience, async () => {
        using _ = await slots.acquire();
        return await handler(request);
      });
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      // An error that left the task would end the whole group.
      const status = error instanceof TimeoutError ? 504 : 500;
      return new Response(null, { status });
    }
  }

  await taskGroup(async (group) => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        // The host calls this, so that createTask() would not know the loop.
        try {
          const { signal } = request; // aborts when the client hangs up
          return await group.createTask(() => handle(request), { signal });
        } catch {
          return new Response(null, { status: 503 }); // cancelled, or too late
        }
      },
    );
    try {
      started.setResult(server.addr.port);
      await stop.wait();
      // No more connections. The requests that are open may end.
      await moveOnAfter(grace, async () => {
        await wrapFuture(server.shutdown());
      });
    } finally {
      group.cancel(); // those that are left answer with 503
    }
  });
}
// ---------------------------------------------------------------

/** Asks the server. Cancelling the task that waits hangs up. */
async function ask(port: number, path: string): Promise<string> {
  return await wrapFuture(async (signal) => {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
      signal,
    });
    return `${response.status} ${await response.text()}`.trim();
  });
}

if (import.meta.main) {
  await run(async () => {
    const loop = getRunningLoop();
    const stop = new Event();
    loop.addSignalHandler("SIGTERM", () => stop.set());
    const started = new Future<number>();
    const begun = new Queue<string>();

    async function work(request: Request): Promise<Response> {
      const path = new URL(request.url).pathname.slice(1);
      begun.putNowait(path);
      if (path === "goodbye") await stop.wait();
      else await sleep(Number(path));
      return new Response(path);
    }

    await taskGroup(async (group) => {
      group.createTask(() =>
        serve(work, stop, started, { limit: 2, patience: 1, grace: 0.3 })
      );
      const port = await started;
      const answers = ["0.03", "0.02", "0.01"].map((path) =>
        group.createTask(() => ask(port, path))
      );
      for (const answer of answers) console.log(await answer);
      console.log("too slow:", await ask(port, "60"));

      while (!begun.empty()) begun.getNowait();
      const last = group.createTask(() => ask(port, "goodbye"));
      const slow = group.createTask(() => ask(port, "60"));
      for (const _ of [last, slow]) await begun.get();
      stop.set();
      console.log("at the end:", await last);
      console.log("cut short:", await slow);
    });
    loop.removeSignalHandler("SIGTERM");
  });
}
