// Programs of strands as source text for people, as a user would write them.

import { CAPACITY } from "./program.ts";
import type { Line, Op, OpOf, Program } from "./strands_program.ts";

const HEADER = `\
// With lists of locks, semaphores(${CAPACITY}), events and queues(${CAPACITY}), a list of
// tasks, and the main program as a task. A task waits for those only that were
// spawned after it.`;

const LINES: Record<Line, string> = {
  get: "queues[INDEX].get()",
  lock: "locks[INDEX].acquire()",
  semaphore: "semaphores[INDEX].acquire()",
  event: "events[INDEX].wait()",
};

function indented(lines: string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

function block(body: Op[]): string[] {
  return indented(body.flatMap(linesOf));
}

/** A call with a function as its last argument, or as an element. */
function around(start: string, body: string[], end: string): string[] {
  return [start, ...body, end];
}

/** An async function, which a generator may call. */
function functionOf(
  parameter: string,
  body: Op[],
  generator: boolean,
): { start: string; lines: string[]; end: string } {
  return generator
    ? {
      start: `function* (${parameter}) {`,
      lines: indented(
        around("yield* coroutine(async () => {", block(body), "})();"),
      ),
      end: "}",
    }
    : { start: `async (${parameter}) => {`, lines: block(body), end: "}" };
}

function elements(bodies: Op[][]): string[] {
  return indented(
    bodies.flatMap((body) => around("(async () => {", block(body), "})(),")),
  );
}

function lineOf({ line, index }: OpOf<"leaveBehind" | "endWith">): string {
  return LINES[line].replace("INDEX", `${index}`);
}

function withTask({ op, task }: OpOf<"join" | "lookOn" | "cancel">): string {
  const target = `tasks[${task} % tasks.length]`;
  switch (op) {
    case "join":
      return `await ${target};`;
    case "lookOn":
      return `${target}.catch(() => {});`;
    case "cancel":
      return `${target}.cancel();`;
  }
}

function linesOf(op: Op): string[] {
  switch (op.op) {
    case "sleep": {
      const nap = `sleep(${op.seconds})`;
      return [
        op.generator
          ? `await coroutine(function* () { yield* ${nap}; })();`
          : `await ${nap};`,
      ];
    }
    case "native":
      return ["await null;", "await null;"];
    case "raise":
      return [`throw new RangeError("…");`];
    case "call":
    case "float": {
      const { start, lines, end } = functionOf("", op.body, op.generator);
      const [before, after] = op.generator
        ? ["coroutine(", ")()"]
        : ["(", ")()"];
      return op.op === "call"
        ? around(`await ${before}${start}`, lines, `${end}${after};`)
        : around(
          `${before}${start} // not awaited`,
          lines,
          `${end}${after}.catch(() => {});`,
        );
    }
    case "handler":
      return around(
        `callInThisContextAfter(${op.seconds}, async () => {`,
        block(op.body),
        "});",
      );
    case "parts":
      return around(`await Promise.${op.how}([`, elements(op.bodies), "]);");
    case "gather":
      return around(
        "await gather([",
        indented(
          op.bodies.flatMap((body) =>
            around("async () => {", block(body), "},")
          ),
        ),
        "]);",
      );
    case "shield":
      return around(
        "await shield(createTask(async () => {",
        block(op.body),
        "}));",
      );
    case "spawn":
      return around(
        "tasks.push(createTask(async () => {",
        block(op.body),
        op.eager ? "}, { eagerStart: true }));" : "}));",
      );
    case "join":
    case "lookOn":
    case "cancel":
      return [withTask(op)];
    case "cancelLater":
      return [
        `loop.callLater(${op.seconds}, (task) => task.cancel(), currentTask());`,
      ];
    case "cancelSelf":
      return ["currentTask()?.cancel();"];
    case "uncancel":
      return ["currentTask()?.uncancel();"];
    case "cancelGroup":
      return ["group.cancel(); // the innermost one, if there is one"];
    case "timeout":
    case "moveOnAfter": {
      const { start, lines, end } = functionOf("", op.body, op.generator);
      return around(
        `await ${op.op}(${op.seconds}, ${start}`,
        lines,
        `${end});`,
      );
    }
    case "waitFor": {
      const { start, lines, end } = functionOf("", op.body, op.generator);
      return around(`await waitFor(${start}`, lines, `${end}, ${op.seconds});`);
    }
    case "group": {
      const children = op.bodies.flatMap((body) =>
        around("group.createTask(async () => {", block(body), "});")
      );
      const body = [...indented(children), ...block(op.body)];
      return op.generator
        ? around(
          "await taskGroup(function* (group) {",
          indented(around("yield* coroutine(async () => {", body, "})();")),
          "});",
        )
        : around("await taskGroup(async (group) => {", body, "});");
    }
    case "try":
      return [
        "try {",
        ...block(op.body),
        "} catch (error) {",
        ...block(op.handler),
        ...(op.rethrow ? ["    throw error;"] : []),
        "} finally {",
        ...block(op.cleanup),
        "}",
      ];
    case "resource":
      return [
        "{",
        "    await using _ = { [Symbol.asyncDispose]: async () => {",
        ...indented(block(op.cleanup)),
        "    } };",
        ...block(op.body),
        "}",
      ];
    case "lock":
    case "semaphore":
      return [
        "{",
        `    using _ = await ${op.op}s[${op.index}].acquire();`,
        ...block(op.body),
        "}",
      ];
    case "leaveBehind":
      return [
        `await Promise.race([(async () => { await ${lineOf(op)}; })(), ` +
        `sleep(${op.seconds})]); // a lock that comes late is released`,
      ];
    case "endWith":
      return [
        `createTask(() => Promise.race([${
          lineOf(op)
        }, sleep(${op.seconds})]));` +
        " // and release it",
      ];
    case "waitEvent":
      return [`await events[${op.index}].wait();`];
    case "setEvent":
      return [`events[${op.index}].set();`];
    case "clearEvent":
      return [`events[${op.index}].clear();`];
    case "get":
      return [`await queues[${op.index}].get();`];
    case "put":
      return [`await queues[${op.index}].put("…");`];
    case "putNowait":
      return [`queues[${op.index}].putNowait("…"); // if there is room`];
  }
}

/** The program in TypeScript, for a report. */
export function sourceOf(program: Program): string {
  return [HEADER, "await run(async () => {", ...block(program), "});"].join(
    "\n",
  );
}
