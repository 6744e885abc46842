import {
  assertArrayIncludes,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import * as asyncio from "@asyncio/asyncio";
import * as errors from "@asyncio/asyncio/errors";

/** Errors that are made of more than a message. */
const WITH_DATA = [
  "CalledProcessError",
  "IncompleteReadError",
  "LimitOverrunError",
] as const;

type Plain = Exclude<keyof typeof errors, typeof WITH_DATA[number]>;
const ALL = Object.keys(errors) as (keyof typeof errors)[];
const NAMES = ALL.filter((name): name is Plain =>
  !(WITH_DATA as readonly string[]).includes(name)
);

Deno.test("errors.ts exports the errors of asyncio", () => {
  assertArrayIncludes(ALL, [
    "BrokenBarrierError",
    "CalledProcessError",
    "CancelledError",
    "IncompleteReadError",
    "InvalidStateError",
    "KeyboardInterrupt",
    "LimitOverrunError",
    "ProcessLookupError",
    "QueueEmpty",
    "QueueFull",
    "QueueShutDown",
    "TimeoutError",
    "WouldBlock",
  ]);
});

for (const name of NAMES) {
  const ErrorClass = errors[name];

  Deno.test(`${name} is an Error with name, message, cause and stack`, () => {
    const cause = new Error("cause");
    const error = new ErrorClass("what happened", { cause });
    assertInstanceOf(error, Error);
    assertInstanceOf(error, ErrorClass);
    assertEquals(error.name, name);
    assertEquals(ErrorClass.name, name);
    assertEquals(error.message, "what happened");
    assertStrictEquals(error.cause, cause);
    assertStringIncludes(String(error.stack), "errors_test.ts");
  });

  Deno.test(`${name} prints its name, and its message if it has one`, () => {
    assertEquals(String(new ErrorClass("why")), `${name}: why`);
    assertEquals(String(new ErrorClass()), name);
    assertEquals(
      Deno.inspect(new ErrorClass("why")).split("\n")[0],
      `${name}: why`,
    );
    assertFalse(Deno.inspect(new ErrorClass("why")).includes("{"));
  });

  Deno.test(`${name} has no default message`, () => {
    assertEquals(new ErrorClass().message, "");
    assertEquals(new ErrorClass(undefined).message, "");
  });

  Deno.test(`${name} is the same class in mod.ts as in errors.ts`, () => {
    assertStrictEquals<unknown>(asyncio[name], ErrorClass);
  });

  Deno.test(`${name} is distinguished from the others by instanceof`, () => {
    const error = new ErrorClass();
    assertEquals(
      ALL.filter((other) => error instanceof errors[other]),
      [name],
    );
  });
}

Deno.test("a CalledProcessError says how the command has ended", () => {
  const output = new Uint8Array([1]);
  const failed = new errors.CalledProcessError(2, ["a", "b"], output, null);
  assertEquals(failed.returncode, 2);
  assertEquals(failed.cmd, ["a", "b"]);
  assertStrictEquals(failed.stdout, output);
  assertStrictEquals(failed.output, output);
  assertStrictEquals(failed.stderr, null);
  assertEquals(
    String(failed),
    "CalledProcessError: Command 'a b' returned non-zero exit status 2.",
  );
  assertEquals(
    new errors.CalledProcessError(-9, "a | b", null, null).message,
    "Command 'a | b' died with signal 9.",
  );
});

Deno.test("errors of streams say what has come", () => {
  const partial = new Uint8Array([1, 2]);
  const incomplete = new errors.IncompleteReadError(partial, 5);
  assertStrictEquals(incomplete.partial, partial);
  assertEquals(incomplete.expected, 5);
  assertEquals(
    String(incomplete),
    "IncompleteReadError: 2 bytes read on a total of 5 expected bytes",
  );
  const overrun = new errors.LimitOverrunError("too long", 7);
  assertEquals(overrun.consumed, 7);
  assertInstanceOf(overrun, RangeError);
  assertEquals(String(overrun), "LimitOverrunError: too long");
  for (const name of WITH_DATA) {
    assertEquals(errors[name].name, name);
    assertStrictEquals<unknown>(asyncio[name], errors[name]);
  }
});
