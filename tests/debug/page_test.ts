// The program of docs/debugging.md that is asked from outside prints what the
// page shows.

import { testChild } from "../host/_child.ts";
import { comparable } from "../_pages.ts";
import { assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url).pathname;

testChild(
  "the program in docs/debugging.md prints the tree that it shows",
  async () => {
    const { default: page } = await import("../../docs/debugging.md", {
      with: { type: "text" },
    });
    const [, section] = page.split(
      "\n## It hangs, and it is running already\n",
    );
    const [, program] = /^```ts ignore\n([^]*?)^```$/m.exec(section)!;
    const [, expected] = /^```text\n([^]*?)^```$/m.exec(section)!;

    await using child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--preload=./debug.ts", "-"],
      cwd: root,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(program));
    await writer.close();
    const reader = child.stdout.getReader();
    await reader.read(); // "open": by now, everybody waits
    child.kill("SIGURG");
    const errors = child.stderr.pipeThrough(new TextDecoderStream())
      .getReader();
    const { value: text = "" } = await errors.read(); // it is written at once
    child.kill("SIGKILL");
    await reader.cancel();
    await errors.cancel();
    await child.status;
    assertEquals(
      comparable(text, root.replace(/\/$/, ""))
        .replace(`Process ${child.pid} `, "Process 4711 "),
      expected,
    );
  },
);
