// The Python side: CPython itself, in WebAssembly or from the path.

import { loadPyodide } from "npm:pyodide@314";

/** What a Python made of the scenarios that it can run. */
export interface Recording {
  /** The version of Python. */
  version: string;
  transcripts: Record<string, string>;
}

/** Runs scenarios in some Python. */
export type Oracle = (sources: Record<string, string>) => Promise<Recording>;

const ORACLE = new URL("./oracle.py", import.meta.url);

/** The newest CPython that npm carries, inside this process. */
export async function inPyodide(
  sources: Record<string, string>,
): Promise<Recording> {
  const python = await loadPyodide();
  python.FS.writeFile("oracle.py", await Deno.readTextFile(ORACLE));
  const oracle = python.pyimport("oracle");
  return JSON.parse(oracle.transcripts(python.toPy(sources)));
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
