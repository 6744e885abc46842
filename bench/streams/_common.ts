import process from "node:process";

/** What the programs of `bench/streams.ts` have in common. */

/** How large a message is that is echoed, in bytes. */
export const MESSAGE = 1024;
/** How much is read or written at a time otherwise. */
export const BLOCK = 65536;

/** Runs a round to warm up, and one that counts, and prints its seconds. */
export async function report(
  round: () => PromiseLike<unknown>,
  amount: number,
): Promise<void> {
  await round();
  const before = process.cpuUsage();
  const start = performance.now();
  await round();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1e6;
  console.log(JSON.stringify({ seconds, cpu, amount }));
}

/**
 * Has another process open idle connections, and prints how many bytes each of
 * them takes in this one.
 */
export async function measureIdle(
  count: number,
  port: number,
  accepted: () => number,
): Promise<void> {
  const gc = (globalThis as { gc?: () => void }).gc!;
  const client = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "--allow-net",
      `${import.meta.dirname}/_idle_client.ts`,
      String(port),
    ],
    stdin: "piped",
  }).spawn();
  const writer = client.stdin.getWriter();
  const memoryOf = async (connections: number) => {
    await writer.write(new TextEncoder().encode(String(connections)));
    while (accepted() < connections) await pause(1);
    for (let i = 0; i < 3; i++) {
      await pause(50);
      gc();
    }
    return Deno.memoryUsage().rss;
  };
  const few = count / 10;
  const before = await memoryOf(few);
  const after = await memoryOf(count);
  const bytes = (after - before) / (count - few);
  console.log(JSON.stringify({ bytes }));
  client.kill();
  await client.status;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
