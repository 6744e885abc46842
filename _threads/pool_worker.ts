// What a worker of a pool runs: it calls the functions that it is told to.

import { Port } from "./port.ts";
import { stringRepr, valueText } from "../_util/repr.ts";
import { packThrown } from "./thrown_errors.ts";
import { cannotSend, type Message, payload } from "./messages.ts";

type Work = Extract<Message, { about: "work" }>;

async function perform({ module, name, args }: Work): Promise<unknown> {
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
  const { id } = work;
  try {
    const value = await perform(work);
    const { transfer } = payload([value]);
    try {
      const outcome = { ok: true as const, value };
      port.post({ about: "answer", id, outcome }, transfer);
    } catch (error) {
      throw cannotSend(`the result of ${work.name}()`, error);
    }
  } catch (error) {
    const outcome = { ok: false as const, thrown: packThrown(error) };
    port.post({ about: "answer", id, outcome });
  }
}

const port = Port.of(globalThis);
port.add({
  onMessage(message) {
    if (message.about === "work") answer(message as Work);
  },
  // Deno tells the pool of an uncaught error, but not of this.
  onEnd: (reason) => port.post({ about: "dying", reason }),
});
