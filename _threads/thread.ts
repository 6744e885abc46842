// Copyright 2026 the asyncio authors. MIT license.

import {
  holdIdle,
  type HostWorker,
  startWorker,
  unrefWorker,
} from "../_host/workers.ts";
import { workerText } from "./worker_text.ts";
import type { Job } from "./job.ts";
import { isId, type Message, unwrapMessage, wrapMessage } from "./messages.ts";

/** Is told what becomes of a thread. */
export interface ThreadOwner {
  /** The worker has answered the job that it was given last. */
  answered(thread: Thread, answer: unknown): void;
  /** The worker has ended, whatever it was doing. */
  died(thread: Thread, reason: string): void;
}

let threadCount = 0;

/** This module, where it has not become part of another file. */
const THREAD_MODULE = /\/_threads\/thread\.[jt]s$/;

/**
 * The program of the workers. A bundle has lost its file, so there it comes as
 * text, if this is a build with that text.
 */
function workerModule(): URL {
  return workerText === null || THREAD_MODULE.test(import.meta.url)
    ? new URL("./pool_worker.ts", import.meta.url)
    : new URL(`data:text/javascript,${encodeURIComponent(workerText)}`);
}

/** A worker of a pool. It does one job at a time. */
export class Thread {
  #owner: ThreadOwner;
  #worker: HostWorker;
  /** The number of the last job. */
  #jobId = 0;
  #rests = false;
  #hasEnded = false;

  constructor(owner: ThreadOwner) {
    this.#owner = owner;
    this.#worker = startWorker(
      workerModule(),
      `asyncio_${threadCount++}`,
      () => this.#die("the worker has exited"),
    );
    this.#worker.onmessage = ({ data }) => this.#receive(unwrapMessage(data));
    this.#worker.onmessageerror = () =>
      this.#die("its answer could not be read");
    this.#worker.onerror = (event) => {
      event.preventDefault(); // or the error would end the whole process
      this.#die(event.message);
    };
  }

  /** Gives the worker a job. Throws if the arguments cannot be cloned. */
  run({ module, name, payload: { values, transfer } }: Job): void {
    const id = ++this.#jobId;
    const message = { about: "work" as const, id, module, name, args: values };
    this.#worker.postMessage(wrapMessage(message), transfer);
    if (this.#rests) holdIdle(this.#worker, true);
    this.#rests = false;
  }

  /** It has no job: it does not keep the process alive until it gets one. */
  rest(): void {
    this.#rests = true;
    holdIdle(this.#worker, false);
  }

  /**
   * Ends the worker, of which the owner is told nothing more. A function that
   * computes runs until it returns to the host.
   */
  end(): void {
    this.#hasEnded = true;
    this.#worker.onmessage = null;
    this.#worker.onmessageerror = null;
    this.#worker.onerror = null;
    unrefWorker(this.#worker);
    this.#worker.terminate();
  }

  #receive(message: Partial<Message> | null): void {
    if (message?.about === "dying") this.#die(String(message.reason));
    else if (message?.about === "answer" && isId(message.id)) {
      if (message.id === this.#jobId) {
        this.#owner.answered(this, message.outcome);
      }
    }
  }

  #die(reason: string): void {
    if (this.#hasEnded) return;
    this.end();
    this.#owner.died(this, reason);
  }
}
