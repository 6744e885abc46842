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

/** Opens idle connections, and prints how many bytes they take. */
export async function measureIdle(
  count: number,
  port: number,
  accepted: () => number,
): Promise<void> {
  const gc = (globalThis as { gc?: () => void }).gc!;
  const settle = async () => {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      gc();
    }
  };
  const conns: Deno.Conn[] = [];
  const open = async (upTo: number) => {
    while (conns.length < upTo) {
      const batch = Array.from(
        { length: Math.min(100, upTo - conns.length) },
        () => Deno.connect({ port }),
      );
      conns.push(...await Promise.all(batch));
    }
    while (accepted() < upTo) await new Promise((r) => setTimeout(r, 1));
    await settle();
  };
  await open(count / 10);
  const before = Deno.memoryUsage().rss;
  await open(count);
  const after = Deno.memoryUsage().rss;
  const bytes = (after - before) / (count - count / 10);
  console.log(JSON.stringify({ bytes }));
}
