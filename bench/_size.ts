import { gzipSync } from "node:zlib";
import { quantity, table } from "./_table.ts";

/** The size of a module with all that it uses as one file, in bytes. */
export interface Size {
  name: string;
  minified: number;
  gzipped: number;
}

/**
 * The whole library, what a program of `run` and `sleep` needs, and the core:
 * the loop with what it needs for tasks.
 */
const MODULES = {
  "mod.ts": "mod.ts",
  "run and sleep of mod.ts": "tests/fixtures/run_and_sleep.ts",
  "loop.ts": "loop.ts",
};

export function measureSizes(): Promise<Size[]> {
  return Promise.all(
    Object.entries(MODULES).map(([name, module]) => measureSize(name, module)),
  );
}

async function measureSize(name: string, module: string): Promise<Size> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      `${import.meta.dirname}/../${module}`,
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${module} could not be bundled`);
  return {
    name,
    minified: stdout.length,
    gzipped: gzipSync(stdout, { level: 9 }).length,
  };
}

export function sizeTable(sizes: Size[]): string {
  return table(
    ["size with all that it imports", "minified", "and gzipped"],
    sizes.map(({ name, minified, gzipped }) => [
      name,
      quantity(minified),
      quantity(gzipped),
    ]),
  );
}
