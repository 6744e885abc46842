import { quantity, table } from "./_table.ts";

/** The shortest time from start to end of a process, in milliseconds. */
export interface StartUp {
  empty: number;
  run: number;
}

async function once(file: string): Promise<number> {
  const script = `${import.meta.dirname}/start_up/${file}`;
  const start = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", script],
  }).output();
  if (!success) throw new Error(`${file} failed`);
  return performance.now() - start;
}

/** Starts an empty script and one with an empty `run()` alternately. */
export async function measureStartUp(rounds: number): Promise<StartUp> {
  const best: StartUp = { empty: Infinity, run: Infinity };
  await once("run.ts"); // fills the cache
  for (let round = 0; round < rounds; round++) {
    best.empty = Math.min(best.empty, await once("empty.ts"));
    best.run = Math.min(best.run, await once("run.ts"));
  }
  return best;
}

export function startUpTable({ empty, run }: StartUp): string {
  return table(["start of a process", "ms"], [
    ["empty script", quantity(empty)],
    ["empty run()", quantity(run)],
    ["difference", quantity(run - empty)],
  ]);
}
