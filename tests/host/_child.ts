import { assert, assertEquals } from "@std/assert";

const LIBRARY = new URL("../../mod.ts", import.meta.url).href;

const { state: RUN_PERMISSION } = Deno.permissions.querySync({ name: "run" });

/** Registers a test that starts child processes. */
export function testChild(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    // On Windows a process cannot be sent these signals.
    ignore: RUN_PERMISSION !== "granted" || Deno.build.os === "windows",
    fn,
  });
}

/**
 * A program in a process of its own, which prints a line at each stage.
 *
 * It has the names of the library in scope. Its output is read line by line, so
 * that a signal is sent when the program is where the test wants it.
 */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** What it prints to its error output, read at once so that it never blocks. */
  readonly #errors: Promise<string>;
  readonly #errorLines: AsyncIterator<string>;

  /**
   * @param program The text of a module.
   * @param flags Further flags of `deno run`.
   */
  constructor(program: string, flags: string[] = []) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--quiet", ...flags, "-"],
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#lines = linesOf(this.#process.stdout);
    const [text, lines] = this.#process.stderr.tee();
    this.#errors = new Response(text).text();
    this.#errorLines = linesOf(lines);
    this.#feed(`import * as library from ${JSON.stringify(LIBRARY)};
      const {
        CancelledError, createTask, currentTask, gather,
        getRunningLoop, KeyboardInterrupt, run, Runner, shield, sleep,
        SignalInterrupt, taskGroup, timeout, wrapFuture, Event, toThread,
      } = library;
      ${program}`);
  }

  async #feed(program: string): Promise<void> {
    const writer = this.#process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(program));
    await writer.close();
  }

  /** Waits until it has printed these lines, and nothing else. */
  async prints(...lines: string[]): Promise<void> {
    for (const line of lines) {
      assertEquals(await this.line(), line);
    }
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`it ended: ${await this.#errors}`);
    return value;
  }

  /** Waits for a line of its error output that has this text. */
  async complains(text: string): Promise<void> {
    for (;;) {
      const { done, value } = await this.#errorLines.next();
      if (done) throw new Error(`it ended: ${await this.#errors}`);
      if (value.includes(text)) return;
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  send(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Waits until it ends without printing anything more. */
  async ends(): Promise<Deno.CommandStatus & { errors: string }> {
    const { done, value } = await this.#lines.next();
    assert(done, `it still prints ${value}`);
    while (!(await this.#errorLines.next()).done);
    return { ...await this.#process.status, errors: await this.#errors };
  }

  /** Leaves no process and no stream behind, even if the test has failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    while (!(await this.#lines.next()).done);
    while (!(await this.#errorLines.next()).done);
    await this.#process.status;
    await this.#errors;
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
