/** Shows what runs at the moment: live on a terminal, line by line elsewhere. */

import { sleep } from "@asyncio/asyncio";

/** How often the display is drawn, in seconds. */
const PERIOD = 0.1;
/** How many characters the bar has. */
const BAR = 24;

/** A command that runs. */
export interface Running {
  number: number;
  command: string;
  /** When it was started, in milliseconds. */
  since: number;
  /** The last line that it has printed. */
  line: string;
}

const encoder = new TextEncoder();

/** The display goes to stderr, so that stdout has the output alone. */
function write(text: string): void {
  Deno.stderr.writeSync(encoder.encode(text));
}

export class Display {
  readonly running = new Set<Running>();
  finished = 0;
  failed = 0;
  readonly #total: number;
  readonly #isLive: boolean;
  /** How many lines are on the screen. */
  #drawn = 0;

  constructor(total: number) {
    this.#total = total;
    this.#isLive = Deno.stderr.isTerminal();
  }

  started(running: Running): void {
    this.running.add(running);
    if (!this.#isLive) write(`[${running.number}] ${running.command}\n`);
  }

  /** A command has ended. Prints its output, all of it in one piece. */
  ended(running: Running, output: Uint8Array, returncode: number): void {
    this.running.delete(running);
    this.finished++;
    this.erase();
    for (let rest = output; rest.length > 0;) {
      rest = rest.subarray(Deno.stdout.writeSync(rest));
    }
    if (returncode !== 0) {
      this.failed++;
      const how = returncode < 0
        ? `was ended by signal ${-returncode}`
        : `failed with status ${returncode}`;
      write(`[${running.number}] ${how}: ${running.command}\n`);
    }
    this.draw();
  }

  /** Draws again and again, until it is cancelled. */
  async keepDrawing(): Promise<void> {
    try {
      for (;; await sleep(PERIOD)) this.draw();
    } finally {
      this.erase();
    }
  }

  erase(): void {
    if (this.#drawn > 0) write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }

  draw(): void {
    if (!this.#isLive) return;
    const columns = Deno.consoleSize().columns || 80; // some do not tell
    const done = Math.round(this.finished / this.#total * BAR);
    const bar = "█".repeat(done) + "░".repeat(BAR - done);
    const failed = this.failed === 0 ? "" : `, ${this.failed} failed`;
    const lines = [`${bar} ${this.finished} of ${this.#total}${failed}`];
    for (const { number, command, since, line } of this.running) {
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      const what = command.slice(0, columns / 2);
      lines.push(`[${number}] ${seconds} s  ${what}  ${line}`);
    }
    this.erase();
    // A line that is wrapped would be two on the screen.
    // deno-lint-ignore no-control-regex
    const clean = (line: string) => line.replaceAll(/[\x00-\x1f]/g, " ");
    write(
      lines.map((line) => clean(line).slice(0, columns - 1) + "\n").join(""),
    );
    this.#drawn = lines.length;
  }
}
