// The Python side: CPython itself, in WebAssembly or from the path.

// deno-lint-ignore no-import-prefix -- import map entries are for what is published
import { loadPyodide } from "npm:pyodide@314";
import type { Program } from "./fuzz/program.ts";

type Pyodide = Awaited<ReturnType<typeof loadPyodide>>;

/** What a Python made of the scenarios that it can run. */
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

/** The newest CPython that npm carries, inside this process. */
export async function inPyodide(
  sources: Record<string, string>,
): Promise<Recording> {
  const { pyimport, toPy } = await (python ??= load());
  return JSON.parse(pyimport("oracle").transcripts(toPy(sources)));
}

/** What happens in random programs, by the same CPython. */
export async function tracesInPyodide(programs: Program[]): Promise<string[]> {
  const { pyimport } = await (python ??= load());
  return JSON.parse(pyimport("interpreter").traces(JSON.stringify(programs)));
}

/** The `python3` on the path; `null` if there is none. */
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
  if (!success) throw new Error("python3 has failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}
