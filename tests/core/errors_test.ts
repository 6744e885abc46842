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

const NAMES = Object.keys(errors) as (keyof typeof errors)[];

Deno.test("errors.ts exports the errors of asyncio", () => {
  assertArrayIncludes(NAMES, [
    "BrokenBarrierError",
    "CancelledError",
    "InvalidStateError",
    "KeyboardInterrupt",
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
      NAMES.filter((other) => error instanceof errors[other]),
      [name],
    );
  });
}
