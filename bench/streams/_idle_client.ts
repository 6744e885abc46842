/**
 * Opens as many connections as each line of its input says, in all, and keeps
 * them open: `_idle_client.ts PORT`.
 */

const port = Number(Deno.args[0]);
const conns: Deno.Conn[] = [];
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
for await (const line of lines) {
  const count = Number(line);
  while (conns.length < count) {
    const batch = Array.from(
      { length: Math.min(100, count - conns.length) },
      () => Deno.connect({ port }),
    );
    conns.push(...await Promise.all(batch));
  }
}
Deno.exit();
