import { gzipSync } from "node:zlib";
import { quantity, table } from "./_table.ts";

/** Bytes of `mod.ts` as one file. */
export interface Size {
  minified: number;
  gzipped: number;
}

export async function measureSize(): Promise<Size> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      new URL("../mod.ts", import.meta.url).pathname,
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("mod.ts could not be bundled");
  return {
    minified: stdout.length,
    gzipped: gzipSync(stdout, { level: 9 }).length,
  };
}

export function sizeTable({ minified, gzipped }: Size): string {
  return table(["size of mod.ts", "bytes"], [
    ["minified", quantity(minified)],
    ["minified and gzipped", quantity(gzipped)],
  ]);
}
