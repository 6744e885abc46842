// deno run worker.ts PEER WORKLOAD: greets with a line of JSON, then runs the
// workload for each number of operations that comes in and tells the outcome.
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
  gc(); // the garbage of the last round is not this one's
  console.log(await measure(Number(line)));
}
