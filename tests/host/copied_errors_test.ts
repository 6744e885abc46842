import {
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { CopiedErrors } from "../../_host/copied_errors.ts";

class Failure extends Error {
  override name = "Failure";
}

/** A source of errors, which counts those that were not copied. */
function source() {
  const counted = { made: 0 };
  const errors = new CopiedErrors((message, cause) => {
    counted.made++;
    return new Failure(message, { cause });
  });
  return { errors, counted };
}

/** Takes as many errors as are made before there are copies. */
function takeFirst(errors: CopiedErrors<Failure>): Failure[] {
  return Array.from({ length: 16 }, () => errors.next(undefined, "first"));
}

/** An error that was made, and a copy, with the same message and cause. */
function both(message?: string): [made: Failure, copy: Failure] {
  const { errors } = source();
  const made = errors.next(message, "why");
  takeFirst(errors);
  return [made, errors.next(message, "why")];
}

/** The text with one line in place of those of the stack. */
function withoutFrames(text: string): string {
  return text.replaceAll(/(?:\n +at .*?(?=$| \{$))+/gm, "\n    at");
}

/** What is the same each time, of the properties that an error has. */
function shapeOf(error: Error) {
  return Object.entries(Object.getOwnPropertyDescriptors(error)).map(
    ([key, { enumerable, configurable, writable, value }]) =>
      [key, { enumerable, configurable, writable, value }] as const,
  ).toSorted(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("the first 16 errors are made one by one, later ones are copies of one more", () => {
  const { errors, counted } = source();
  takeFirst(errors);
  assertEquals(counted.made, 16);
  for (let i = 0; i < 200; i++) errors.next(undefined, i);
  assertEquals(counted.made, 17);
});

for (const message of [undefined, "", "in vain"]) {
  const what = `with the message ${Deno.inspect(message)}`;

  Deno.test(`a copy ${what} has the properties of an error that was made`, () => {
    const [made, copy] = both(message);
    assertEquals(shapeOf(copy), shapeOf(made));
    assertEquals(copy.message, made.message);
    assertEquals(copy.cause, "why");
    assertEquals(String(copy), String(made));
    assertEquals(withoutFrames(copy.stack!), withoutFrames(made.stack!));
  });

  Deno.test(`a copy ${what} is printed like an error that was made`, () => {
    const [made, copy] = both(message);
    assertEquals(
      withoutFrames(Deno.inspect(copy)),
      withoutFrames(Deno.inspect(made)),
    );
    assertFalse(Deno.inspect(copy).startsWith("["));
  });
}

Deno.test("a copy is an error of the class by every test", () => {
  const [, copy] = both();
  assertInstanceOf(copy, Failure);
  assertStrictEquals(copy.constructor, Failure);
  assertStrictEquals(Object.getPrototypeOf(copy), Failure.prototype);
  assertEquals(Object.prototype.toString.call(copy), "[object Error]");
  assertEquals(
    Reflect.apply(Reflect.get(Error, "isError"), Error, [copy]),
    true,
  );
  assertInstanceOf(structuredClone(copy), Error);
});

Deno.test("each copy is an object of its own, with its own cause and message", () => {
  const { errors } = source();
  takeFirst(errors);
  const copies = Array.from(
    { length: 200 },
    (_, i) => errors.next(i % 2 === 0 ? `${i}` : undefined, i),
  );
  assertEquals(new Set(copies).size, 200);
  assertEquals(copies.map(({ cause }) => cause), copies.map((_, i) => i));
  assertEquals(
    copies.map(({ message }) => message),
    copies.map((_, i) => i % 2 === 0 ? `${i}` : ""),
  );
});

Deno.test("what is changed in a copy, its stack included, does not show in others", () => {
  const { errors } = source();
  takeFirst(errors);
  const [a, b] = [errors.next(undefined, 1), errors.next(undefined, 2)];
  const { stack } = b;
  Object.assign(a, { stack: "changed", message: "changed", extra: 1 });
  assertEquals([b.stack, b.message], [stack, ""]);
  assertFalse("extra" in errors.next(undefined, 3));
});

const clone = globalThis.structuredClone;
const UNFIT: [what: string, clone: unknown][] = [
  ["is missing", undefined],
  ["throws", () => {
    throw new Error("DataCloneError");
  }],
  ["returns plain objects", (list: Error[]) => list.map(() => ({}))],
  [
    "returns errors without a cause",
    (list: Error[]) => list.map(() => new Error()),
  ],
  [
    "returns errors with other properties",
    (list: Error[]) =>
      list.map((error) => Object.assign(clone(error), { code: 1 })),
  ],
];

for (const [what, unfit] of UNFIT) {
  Deno.test(`errors are made one by one where structuredClone ${what}`, () => {
    Object.assign(globalThis, { structuredClone: unfit });
    try {
      const { errors, counted } = source();
      const all = Array.from({ length: 100 }, (_, i) => errors.next("why", i));
      assertEquals(counted.made, 101); // one to be copied
      assertEquals(all.map(({ cause }) => cause), all.map((_, i) => i));
      for (const error of all) assertEquals(error.message, "why");
    } finally {
      Object.assign(globalThis, { structuredClone: clone });
    }
  });
}

Deno.test("errors are made one by one where Error.prepareStackTrace gives no text", () => {
  const before = Reflect.get(Error, "prepareStackTrace");
  Object.assign(Error, {
    prepareStackTrace: (_: Error, sites: unknown) => sites,
  });
  try {
    const { errors, counted } = source();
    const all = Array.from({ length: 100 }, () => errors.next("why", null));
    assertEquals(counted.made, 101);
    assertNotStrictEquals(all[98], all[99]);
  } finally {
    Object.assign(Error, { prepareStackTrace: before });
  }
});

Deno.test("copies go on if structuredClone is replaced later", () => {
  const { errors, counted } = source();
  takeFirst(errors);
  errors.next(undefined, null);
  Object.assign(globalThis, { structuredClone: undefined });
  try {
    for (let i = 0; i < 200; i++) errors.next(undefined, null);
  } finally {
    Object.assign(globalThis, { structuredClone: clone });
  }
  assertEquals(counted.made, 17);
});
