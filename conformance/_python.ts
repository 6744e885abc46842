// The Python side: CPython itself, as WebAssembly or from the `PATH`.

// deno-lint-ignore no-import-prefix -- the import map is for what is published
import { loadPyodide } from "npm:pyodide@314";
import type { Program } from "./fuzz/program.ts";

type Pyodide = Awaited<ReturnType<typeof loadPyodide>>;

/** The transcripts of the scenarios that a version of Python can run. */
export interface Recording {
  /** The version of Python. */
  version: string;
  transcripts: Record<string, string>;
}

const ORACLE = new URL("./oracle.py", import.meta.url);
const INTERPRETER = new URL("./fuzz/interpreter.py", import.meta.url);

let python: Promise<Pyodide> | null = null;

async function load(): Promise<Pyodide> {
  const python = await loadPyodide();
  for (const module of [ORACLE, INTERPRETER]) {
    const name = module.pathname.split("/").at(-1)!;
    python.FS.writeFile(name, await Deno.readTextFile(module));
  }
  return python;
}

/** Runs scenarios in the newest CPython on npm, inside this process. */
export async function inPyodide(
  sources: Record<string, string>,
): Promise<Recording> {
  const { pyimport, toPy } = await (python ??= load());
  return JSON.parse(pyimport("oracle").transcripts(toPy(sources)));
}

/** Runs random programs in the same CPython and returns their traces. */
export async function tracesInPyodide(programs: Program[]): Promise<string[]> {
  const { pyimport } = await (python ??= load());
  return JSON.parse(pyimport("interpreter").traces(JSON.stringify(programs)));
}

/** Runs scenarios in the `python3` on the `PATH`; `null` if there is none. */
export async function inPython3(
  sources: Record<string, string>,
): Promise<Recording | null> {
  const command = new Deno.Command("python3", {
    args: [new URL(ORACLE).pathname],
    stdin: "piped",
    stdout: "piped",
  });
  let process: Deno.ChildProcess;
  try {
    process = command.spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(sources)));
  await writer.close();
  const { success, stdout } = await process.output();
  if (!success) throw new Error("python3 failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}
