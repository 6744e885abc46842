// deno run worker.ts PEER WORKLOAD: prints a line of JSON, then reads numbers of
// operations, runs the workload for each and prints the result.
import { TextLineStream } from "../_lines.ts";
import type { Measurements } from "./_measure.ts";

const [peer, name] = Deno.args;
const { version, measurements } = await import(`./${peer}.ts`) as {
  version: string;
  measurements: Measurements;
};
const measure = measurements[name];
console.log(JSON.stringify({ version, present: measure !== undefined }));

const { gc } = globalThis as unknown as { gc(): void };
const lines = Deno.stdin.readable.pipeThrough(new TextLineStream());
for await (const line of lines) {
  gc(); // so that the garbage of the last round does not count in this one
  console.log(await measure(Number(line)));
}
