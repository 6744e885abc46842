import { isId } from "./messages.ts";
import { type Message, open, type Payload, seal } from "./messages.ts";

/** A call of an exported function. */
export interface Job {
  module: string;
  name: string;
  content: Payload;
}

/** Who hears of what becomes of a thread. */
export interface ThreadOwner {
  /** The job is over. */
  answered(thread: Thread, outcome: unknown): void;
  /** The worker is gone, whatever it was doing. */
  died(thread: Thread, reason: string): void;
}

let threadCount = 0;

/** A worker of a pool, which does one job at a time. */
export class Thread {
  #owner: ThreadOwner;
  #worker: Worker;
  #jobs = 0;

  constructor(owner: ThreadOwner) {
    this.#owner = owner;
    const url = new URL("./pool_worker.ts", import.meta.url);
    const name = `asyncio_${threadCount++}`;
    this.#worker = new Worker(url, { type: "module", name });
    this.#worker.onmessage = ({ data }) => this.#receive(open(data));
    this.#worker.onmessageerror = () =>
      this.#die("its answer could not be read");
    this.#worker.onerror = (event) => {
      event.preventDefault(); // or the whole process would die of it
      this.#die(event.message);
    };
  }

  /** Has the worker do a job. Throws if that cannot be sent. */
  run({ module, name, content: { values, transfer } }: Job): void {
    const id = ++this.#jobs;
    const message = { about: "work" as const, id, module, name, args: values };
    this.#worker.postMessage(seal(message), transfer);
  }

  /**
   * Ends the worker: nothing is heard of it any more. Where it computes, Deno
   * lets it, up to its next return to the host.
   */
  end(): void {
    this.#worker.onmessage = null;
    this.#worker.onmessageerror = null;
    this.#worker.onerror = null;
    unref(this.#worker);
    this.#worker.terminate();
  }

  #receive(message: Partial<Message> | null): void {
    if (message?.about === "dying") this.#die(String(message.reason));
    else if (message?.about === "answer" && isId(message.id)) {
      if (message.id === this.#jobs) {
        this.#owner.answered(this, message.outcome);
      }
    }
  }

  #die(reason: string): void {
    this.end();
    this.#owner.died(this, reason);
  }
}

/**
 * Lets the process end while a worker is busy.
 *
 * Deno 2.9 cannot interrupt a thread that computes or blocks: `terminate()` has
 * it end when it comes back to the host, and until then keeps the process alive,
 * for good if it never does. The method that lets go has no public name in
 * `Worker`: it is what `unref()` of `node:worker_threads` calls, whose own
 * workers cannot be loaded from JSR.
 */
function unref(worker: Worker): void {
  for (const symbol of Object.getOwnPropertySymbols(Worker.prototype)) {
    if (symbol.description) continue;
    const method = Reflect.get(worker, symbol);
    if (typeof method === "function") method.call(worker, false);
  }
}
