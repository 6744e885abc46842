import { assertEquals, assertThrows } from "@std/assert";
import { EventLoop, sleep } from "@asyncio/asyncio";
import { requireOptions } from "../_util/options.ts";

const KNOWN = ["timeout", "returnWhen", "name", "loop"];

/** A class whose instances serve as options. */
class Settings {
  readonly timeout = 1;
  get name(): string {
    return "settings";
  }
}

/** Values that serve as options. */
const ACCEPTED: Record<string, unknown> = {
  "undefined": undefined,
  "no option": {},
  "one option": { timeout: 1 },
  "every option": { timeout: 1, returnWhen: 2, name: 3, loop: 4 },
  "an option that is undefined": { timeout: undefined },
  "an object without a prototype": Object.assign(Object.create(null), {
    name: "n",
  }),
  "an instance of a class with these options": new Settings(),
  "inherited options": Object.create({ timeout: 1 }),
  "an unknown option that is inherited": Object.create({ timeout: 1, x: 2 }),
};

for (const [what, options] of Object.entries(ACCEPTED)) {
  Deno.test(`requireOptions() accepts ${what}`, () => {
    requireOptions("wait()", options, KNOWN);
  });
}

/** Values passed where options are expected, and how the message prints them. */
const POSITIONAL: [what: string, make: () => unknown, text: string][] = [
  ["null", () => null, "null"],
  ["a boolean", () => true, "true"],
  ["a number", () => 1, "1"],
  ["a string", () => "all", "'all'"],
  ["a symbol", () => Symbol("s"), "Symbol(s)"],
  ["a function", () => function f() {}, "[Function: f]"],
  ["a list", () => [1, 2], "[ 1, 2 ]"],
  ["a list of options", () => [{ timeout: 1 }], "[ { timeout: 1 } ]"],
  ["a promise", () => Promise.resolve(1), "a native Promise"],
  ["a map", () => new Map(), "Map(0) {}"],
  ["an instance of another class", () => new Date(0), new Date(0).toJSON()],
];

for (const [what, make, text] of POSITIONAL) {
  Deno.test(`requireOptions() refuses ${what} in the place of options`, () => {
    const error = assertThrows(
      () => requireOptions("wait()", make(), KNOWN),
      TypeError,
    );
    assertEquals(
      error.message,
      "wait() takes options as an object such as " +
        `{ timeout, returnWhen, name, loop }: current value is ${text}`,
    );
  });
}

Deno.test("requireOptions() refuses a coroutine, a future and a loop in the place of options", () => {
  const loop = new EventLoop();
  for (const value of [sleep(1), loop.createFuture(), loop]) {
    const error = assertThrows(
      () => requireOptions("createTask()", value, ["name", "signal"]),
      TypeError,
    );
    assertEquals(
      error.message,
      "createTask() takes options as an object such as { name, signal }: " +
        `current value is ${value}`,
    );
  }
  loop.close();
});

/** Names of unknown options, and the known ones that they should have been. */
const MISSPELT: [name: string, meant: string][] = [
  ["timeOut", "timeout"],
  ["time_out", "timeout"],
  ["Timeout", "timeout"],
  ["TIMEOUT", "timeout"],
  ["timout", "timeout"],
  ["tiemout", "timeout"],
  ["timeouts", "timeout"],
  ["return_when", "returnWhen"],
  ["returnwhen", "returnWhen"],
  ["return_wen", "returnWhen"],
  ["_return_when", "returnWhen"],
  ["nam", "name"],
  ["nmae", "name"],
  ["names", "name"],
  ["lop", "loop"],
];

for (const [name, meant] of MISSPELT) {
  Deno.test(`requireOptions() refuses the option ${name} and suggests ${meant}`, () => {
    const error = assertThrows(
      () => requireOptions("wait()", { timeout: 1, [name]: 2 }, KNOWN),
      TypeError,
    );
    assertEquals(
      error.message,
      `Unknown option ${name} for wait(): did you mean ${meant}?`,
    );
  });
}

for (const name of ["shield", "tim", "return", "x", "", "0"]) {
  Deno.test(`requireOptions() refuses the option "${name}" and lists the known ones`, () => {
    const error = assertThrows(
      () => requireOptions("wait()", { [name]: undefined }, KNOWN),
      TypeError,
    );
    assertEquals(
      error.message,
      `Unknown option ${name} for wait(): ` +
        "the known ones are timeout, returnWhen, name, loop",
    );
  });
}

Deno.test("requireOptions() suggests the most similar of several names", () => {
  const error = assertThrows(
    () => requireOptions("f()", { max_sizes: 1 }, ["minSize", "maxSize"]),
    TypeError,
  );
  assertEquals(
    error.message,
    "Unknown option max_sizes for f(): did you mean maxSize?",
  );
});

Deno.test("requireOptions() names an unknown option of a class instance", () => {
  class Strange {
    timeout = 1;
    nome = "n";
  }
  assertThrows(
    () => requireOptions("wait()", new Strange(), KNOWN),
    TypeError,
    "Unknown option nome for wait(): did you mean name?",
  );
});
