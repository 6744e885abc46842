import { quantity, table } from "./_table.ts";

/** Nanoseconds of what V8 and Deno do, by the name of the piece. */
export type Floors = Record<string, number>;

/** Runs `floors.ts` in a process of its own. */
export async function measureFloors(rounds: number): Promise<Floors> {
  const script = `${import.meta.dirname}/floors.ts`;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", script, String(rounds)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("floors.ts failed");
  return JSON.parse(new TextDecoder().decode(stdout)) as Floors;
}

export function floorsTable(floors: Floors): string {
  return table(
    ["what V8 and Deno take", "ns"],
    Object.entries(floors).map(([name, time]) => [name, quantity(time)]),
  );
}
