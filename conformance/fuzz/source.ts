// Programs as source text for people, as a user would write them.

import { CAPACITY, type Op, type Program } from "./program.ts";

/**
 * How each operation is written in Python and in TypeScript. Names in braces are
 * fields of the operation. `{call}` makes a coroutine of its body, and
 * `{cleanupFunction}` is a function that runs its cleanup; `{body}`, `{handler}`,
 * `{rethrow}`, `{cleanup}` and `{creations}` are whole lines.
 */
const TEMPLATES: Record<Op["op"], [python: string, typescript: string]> = {
  log: [`print("{text}")`, `print("{text}");`],
  raise: [
    `raise ValueError("{text}")`,
    `throw new RangeError("{text}");`,
  ],
  callSoon: [
    `loop.call_soon(print, "{text}")`,
    `loop.callSoon(print, "{text}");`,
  ],
  callLater: [
    `loop.call_later({seconds}, print, "{text}")`,
    `loop.callLater({seconds}, print, "{text}");`,
  ],
  sleep: [`await asyncio.sleep({seconds})`, `await sleep({seconds});`],
  call: [`print(await {call})`, `print(await {call});`],
  shield: [
    `print(await asyncio.shield({call}))`,
    `print(await shield({call}));`,
  ],
  spawn: [
    `tasks.append(asyncio.create_task({call}, eager_start={eager}))`,
    `tasks.push(createTask({call}, { eagerStart: {eager} }));`,
  ],
  join: [
    `print(await tasks[{task} % len(tasks)])`,
    `print(await tasks[{task} % tasks.length]);`,
  ],
  cancel: [
    `print(tasks[{task} % len(tasks)].cancel("{text}"))`,
    `print(tasks[{task} % tasks.length].cancel("{text}"));`,
  ],
  cancelSelf: [
    `asyncio.current_task().cancel("{text}")`,
    `currentTask()!.cancel("{text}");`,
  ],
  cancelLater: [
    `loop.call_later({seconds}, asyncio.current_task().cancel, "{text}")`,
    `loop.callLater({seconds}, (task) => task.cancel("{text}"), currentTask()!);`,
  ],
  uncancel: [
    `asyncio.current_task().uncancel()`,
    `currentTask()!.uncancel();`,
  ],
  cancelling: [
    `print(asyncio.current_task().cancelling())`,
    `print(currentTask()!.cancelling());`,
  ],
  try: [
    `try:
    {body}
except (Exception, asyncio.CancelledError) as error:
    print(repr(error))
    {handler}
    {rethrow}
finally:
    {cleanup}`,
    `try {
    {body}
} catch (error) {
    print(repr(error));
    {handler}
    {rethrow}
} finally {
    {cleanup}
}`,
  ],
  gather: [
    `print(await asyncio.gather({calls}, return_exceptions={returnExceptions}))`,
    `print(await gather([{calls}], { returnExceptions: {returnExceptions} }));`,
  ],
  wait: [
    `some = [asyncio.create_task(coro) for coro in [{calls}]]
await asyncio.wait(some, return_when="{when}", timeout={seconds})`,
    `const some = [{calls}].map((coro) => createTask(coro));
await wait(some, { returnWhen: "{when}", timeout: {seconds} });`,
  ],
  waitFor: [
    `print(await asyncio.wait_for({call}, {seconds}))`,
    `print(await waitFor({call}, {seconds}));`,
  ],
  timeout: [
    `async with asyncio.timeout({seconds}):
    {body}`,
    `await timeout({seconds}, async () => {
    {body}
});`,
  ],
  group: [
    `async with asyncio.TaskGroup() as group: # forgets inside: {forgetsInside}
    {creations}
    {body}`,
    `await taskGroup(async (group) => { // forgets inside: {forgetsInside}
    {creations}
    {body}
});`,
  ],
  resource: [
    `async with Resource({cleanupFunction}):
    {body}`,
    `{
    await using _ = { [Symbol.asyncDispose]: {cleanupFunction} };
    {body}
}`,
  ],
  lock: [
    `async with locks[{index}]:
    {body}`,
    `{
    using _ = await locks[{index}].acquire();
    {body}
}`,
  ],
  semaphore: [
    `async with semaphores[{index}]:
    {body}`,
    `{
    using _ = await semaphores[{index}].acquire();
    {body}
}`,
  ],
  awaitFuture: [
    `print(await futures[{index}])`,
    `print(await futures[{index}]);`,
  ],
  setResult: [
    `futures[{index}].set_result("{text}")`,
    `futures[{index}].setResult("{text}");`,
  ],
  setError: [
    `futures[{index}].set_exception(ValueError("{text}"))`,
    `futures[{index}].setException(new RangeError("{text}"));`,
  ],
  cancelFuture: [
    `futures[{index}].cancel("{text}")`,
    `futures[{index}].cancel("{text}");`,
  ],
  waitEvent: [`await events[{index}].wait()`, `await events[{index}].wait();`],
  setEvent: [`events[{index}].set()`, `events[{index}].set();`],
  clearEvent: [`events[{index}].clear()`, `events[{index}].clear();`],
  waitCondition: [
    `async with conditions[{index}]:
    await conditions[{index}].wait()`,
    `{
    using _ = await conditions[{index}].acquire();
    await conditions[{index}].wait();
}`,
  ],
  notify: [
    `async with conditions[{index}]:
    conditions[{index}].notify()`,
    `{
    using _ = await conditions[{index}].acquire();
    conditions[{index}].notify();
}`,
  ],
  waitBarrier: [
    `print(await barriers[{index}].wait())`,
    `print(await barriers[{index}].wait());`,
  ],
  put: [
    `await queues[{index}].put("{text}")`,
    `await queues[{index}].put("{text}");`,
  ],
  get: [
    `print(await queues[{index}].get())`,
    `print(await queues[{index}].get());`,
  ],
  putNowait: [
    `queues[{index}].put_nowait("{text}")`,
    `queues[{index}].putNowait("{text}");`,
  ],
  getNowait: [
    `print(queues[{index}].get_nowait())`,
    `print(queues[{index}].getNowait());`,
  ],
  shutdown: [`queues[{index}].shutdown()`, `queues[{index}].shutdown();`],
};

/** What the two languages write differently in every operation. */
const LANGUAGES = [
  {
    name: "Python",
    yes: "True",
    no: "False",
    empty: "pass",
    rethrow: "raise",
    creation: (call: string) => `tasks.append(group.create_task(${call}))`,
    body: (name: string, lines: string[]) => [`async def ${name}():`, ...lines],
    end: ["asyncio.run(main())"],
    comment: "#",
  },
  {
    name: "TypeScript",
    yes: "true",
    no: "false",
    empty: null,
    rethrow: "throw error;",
    creation: (call: string) => `tasks.push(group.createTask(${call}));`,
    body: (
      name: string,
      lines: string[],
    ) => [`const ${name} = coroutine(async () => {`, ...lines, `});`],
    end: ["await run(main());"],
    comment: "//",
  },
] as const;

/** Writes a program in one of the languages. */
class Writer {
  readonly language: typeof LANGUAGES[number];
  readonly column: 0 | 1;
  #functions: string[][] = [];

  constructor(column: 0 | 1) {
    this.column = column;
    this.language = LANGUAGES[column];
  }

  write(program: Program): string {
    const main = this.#function("main", program);
    const { comment, end } = this.language;
    const things =
      `${comment} With lists of futures, locks, semaphores(${CAPACITY}), events, conditions,`;
    const more =
      `${comment} barriers(2) and queues(${CAPACITY}), and an empty list of tasks.`;
    const rule =
      `${comment} A task with cancelling() > 0 waits a turn before a timeout or group, and\n` +
      `${comment} calls uncancel() as often before a group, or inside of it. A Resource\n` +
      `${comment} awaits what it is given at its end.`;
    return [[things, more, rule], ...this.#functions.toReversed(), main, end]
      .map((lines) => lines.join("\n")).join("\n\n");
  }

  #function(name: string, body: Op[]): string[] {
    return this.language.body(name, this.#block(body, "    "));
  }

  /** Writes a function, and gives its name. */
  #name(body: Op[]): string {
    const name = `work${this.#functions.length}`;
    const place = this.#functions.push([]) - 1;
    this.#functions[place] = this.#function(name, body);
    return name;
  }

  #call(body: Op[]): string {
    return `${this.#name(body)}()`;
  }

  #block(body: Op[], indent: string): string[] {
    const { empty } = this.language;
    if (body.length === 0) return empty === null ? [] : [indent + empty];
    return body.flatMap((op) => this.#op(op)).map((line) => indent + line);
  }

  #op(op: Op): string[] {
    return TEMPLATES[op.op][this.column].split("\n").flatMap((line) => {
      const [, indent, block] = line.match(/^( +)\{(\w+)\}$/) ?? [];
      if (block === undefined) return [this.#fill(line, op)];
      return this.#lines(block, op, indent);
    });
  }

  #lines(what: string, op: Op, indent: string): string[] {
    const { creation, rethrow } = this.language;
    if (what === "creations") {
      const { bodies } = op as Op & { op: "group" };
      return bodies.map((body) => indent + creation(this.#call(body)));
    }
    if (what === "rethrow") {
      return (op as Op & { op: "try" }).rethrow ? [indent + rethrow] : [];
    }
    return this.#block(this.#field(op, what) as Op[], indent);
  }

  #field(op: Op, name: string): unknown {
    return (op as unknown as Record<string, unknown>)[name];
  }

  #fill(line: string, op: Op): string {
    const { yes, no } = this.language;
    return line.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (name === "call") return this.#call(this.#field(op, "body") as Op[]);
      if (name === "cleanupFunction") {
        return this.#name(this.#field(op, "cleanup") as Op[]);
      }
      if (name === "calls") {
        const bodies = this.#field(op, "bodies") as Op[][];
        return bodies.map((body) => this.#call(body)).join(", ");
      }
      const value = this.#field(op, name);
      return typeof value === "boolean" || value === undefined
        ? (value ? yes : no)
        : `${value}`;
    });
  }
}

/** The program in Python and in TypeScript, for a report. */
export function sourcesOf(program: Program): string {
  return ([0, 1] as const).map((column) => {
    const writer = new Writer(column);
    return `--- ${writer.language.name}\n${writer.write(program)}`;
  }).join("\n\n");
}
