// Serves requests beside a loop that is busy. `_fairness.ts` runs it; it prints
// how late each answer was as a line of JSON. With "client" as its first
// argument it is the client.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";

const HOST = "127.0.0.1";

/** Connections that the client keeps open. */
const CLIENTS = 4;

/** How long the plain loop keeps the thread, in milliseconds. */
const PLAIN_SLICE = 4;

async function ask(url: string, until: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let start = performance.now(); start < until;) {
    await (await fetch(url)).text();
    const end = performance.now();
    latencies.push(end - start);
    start = end;
  }
  return latencies;
}

/** Opens the connections, and then asks for as many milliseconds. */
async function runClient(url: string, asking: number): Promise<void> {
  for (const time of [1, asking]) {
    const until = performance.now() + time;
    const all = await Promise.all(
      Array.from({ length: CLIENTS }, () => ask(url, until)),
    );
    if (time === asking) console.log(JSON.stringify(all.flat()));
  }
}

async function startClient(url: string, asking: number): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      `--allow-net=${HOST}`,
      import.meta.filename!,
      "client",
      url,
      String(asking),
    ],
    stderr: "inherit",
  }).output();
  done = true;
  if (!success) throw new Error("the client failed");
  return new TextDecoder().decode(stdout).trim();
}

let done = false;

async function spinPlainly(): Promise<void> {
  while (!done) {
    const end = performance.now() + PLAIN_SLICE;
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

const spins = {
  generator: coroutine(function* spin() {
    while (!done) yield* sleep(0);
  }),
  async: coroutine(async function spin() {
    while (!done) await sleep(0);
  }),
};

async function runServer(
  kind: "plain" | "generator" | "async",
  tasks: number,
  asking: number,
): Promise<void> {
  const server = Deno.serve(
    { hostname: HOST, port: 0, onListen: () => {} },
    () => new Response("hello"),
  );
  const url = `http://${HOST}:${server.addr.port}/`;
  let client: Promise<string>;
  if (kind === "plain") {
    client = startClient(url, asking);
    await spinPlainly();
  } else {
    ({ client } = await run(async () => {
      const spinning = Array.from(
        { length: tasks },
        () => createTask(spins[kind]()),
      );
      await sleep(0); // all have begun
      const client = startClient(url, asking);
      for (const task of spinning) await task;
      return { client };
    }));
  }
  console.log(await client);
  await server.shutdown();
}

if (import.meta.main) {
  const [role, argument, asking] = Deno.args;
  if (role === "client") await runClient(argument, Number(asking));
  else {
    const kind = role as "plain" | "generator" | "async";
    await runServer(kind, Number(argument), Number(asking));
  }
}
