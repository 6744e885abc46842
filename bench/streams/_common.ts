import process from "node:process";

/** What the programs of `bench/streams.ts` have in common. */

/** How large a message is that is echoed, in bytes. */
export const MESSAGE = 1024;
/** How much is read or written at a time otherwise. */
export const BLOCK = 65536;

/** What the receiver of a transfer answers at its end. */
export interface Receipt {
  /** How many bytes have come. */
  received: number;
  /** How much processor time it took, in seconds. */
  cpu: number;
}

/** Measures the processor time until the function that it returns is called. */
export function startCpu(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}

/** Checks the answer of a receiver; returns its processor time. */
export function checkReceipt(text: string, total: number): number {
  const { received, cpu }: Receipt = JSON.parse(text);
  if (received !== total) throw new Error(`${received} of ${total}`);
  return cpu;
}

/**
 * Runs a round to warm up, and one that counts, and prints its seconds.
 *
 * @param round Returns the processor time of another process that took part.
 */
export async function report(
  round: () => PromiseLike<unknown>,
  amount: number,
): Promise<void> {
  await round();
  const ownCpu = startCpu();
  const start = performance.now();
  const others = await round();
  const seconds = (performance.now() - start) / 1000;
  const cpu = ownCpu() + (typeof others === "number" ? others : 0);
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
