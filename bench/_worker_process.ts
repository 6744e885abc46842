import { TextLineStream } from "./_lines.ts";
import type { Peer } from "./_peers.ts";

/** The first line that a worker prints. */
interface Greeting {
  version: string;
  /** Whether the peer has the workload. */
  present: boolean;
}

/**
 * A process that runs one workload of one peer on request. Each has a process of
 * its own, so that none is slowed down by the garbage of another or by what the
 * compiler has learnt from it.
 */
export class WorkerProcess {
  readonly peer: Peer;
  readonly version: string;
  #child: Deno.ChildProcess;
  #requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #answers: ReadableStreamDefaultReader<string>;

  private constructor(
    peer: Peer,
    version: string,
    child: Deno.ChildProcess,
    requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>,
    answers: ReadableStreamDefaultReader<string>,
  ) {
    this.peer = peer;
    this.version = version;
    this.#child = child;
    this.#requests = requests;
    this.#answers = answers;
  }

  /**
   * Starts a worker.
   *
   * @returns The worker, or `null` if the peer does not have the workload.
   * @throws {Error} If the peer cannot be run on this machine.
   */
  static async start(
    peer: Peer,
    workload: string,
  ): Promise<WorkerProcess | null> {
    const [program, ...args] = [...peer.command, workload];
    const child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const answers = child.stdout.pipeThrough(new TextLineStream()).getReader();
    const { value } = await answers.read();
    if (value === undefined) {
      await child.stdin.close();
      throw new Error(`${peer.title} did not start`);
    }
    const { version, present } = JSON.parse(value) as Greeting;
    const requests = child.stdin.getWriter();
    const worker = new WorkerProcess(peer, version, child, requests, answers);
    if (present) return worker;
    await worker.end();
    return null;
  }

  /** Runs the workload once and returns milliseconds, or bytes of memory. */
  async measure(operations: number): Promise<number> {
    await this.#requests.write(new TextEncoder().encode(`${operations}\n`));
    const { value } = await this.#answers.read();
    if (value === undefined) throw new Error(`${this.peer.title} failed`);
    return Number(value);
  }

  async end(): Promise<void> {
    try {
      await this.#requests.close();
    } catch {
      // The process has ended already.
    }
    await this.#answers.cancel();
    await this.#child.status;
  }
}
