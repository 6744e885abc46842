// Copyright 2026 the asyncio authors. MIT license.

// The program of a worker of a pool: it calls the functions that it is sent.

import { workerScope } from "../_host/workers.ts";
import { stringRepr, valueText } from "../_util/repr.ts";
import type { Message } from "./messages.ts";
import { Port } from "./port.ts";

type Work = Extract<Message, { about: "work" }>;

async function callExport({ module, name, args }: Work): Promise<unknown> {
  const exports: Record<string, unknown> = await import(module);
  const body = Object.hasOwn(exports, name) ? exports[name] : undefined;
  if (typeof body !== "function") {
    const why = Object.hasOwn(exports, name)
      ? `is not a function: current value is ${valueText(body)}`
      : "is not exported";
    throw new TypeError(
      `Cannot call ${stringRepr(name)} of ${module} as it ${why}`,
    );
  }
  return await body(...args);
}

async function answer(work: Work): Promise<void> {
  try {
    port.postResult(work.id, work.name, await callExport(work));
  } catch (error) {
    port.postError(work.id, error);
  }
}

const port = Port.of(workerScope());
port.add({
  onMessage(message) {
    if (message.about === "work") answer(message as Work);
  },
  // Every host tells the pool of an uncaught error, but not all tell of this.
  onEnd: (reason) => port.post({ about: "dying", reason }),
});
