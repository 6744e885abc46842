import {
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { CopiedErrors } from "../../_host/copied_errors.ts";
import { copierOf } from "../../_host/copies.ts";

class Failure extends Error {
  override name = "Failure";
}

/** A source of errors, which counts those that were not copied. */
function source(copier = copierOf) {
  const counted = { made: 0 };
  const errors = new CopiedErrors(function make(message, cause) {
    counted.made++;
    return new Failure(message, { cause });
  }, copier);
  const next = (message: string | undefined, cause: unknown) =>
    errors.next(message, cause);
  return { next, counted };
}

type Next = ReturnType<typeof source>["next"];

/** Takes as many errors as are made before there are copies. */
function takeFirst(next: Next): Failure[] {
  return Array.from({ length: 16 }, () => next(undefined, "first"));
}

/** An error that was made, and a copy, with the same message and cause. */
function both(message?: string): [made: Failure, copy: Failure] {
  const { next } = source();
  const made = next(message, "why");
  takeFirst(next);
  return [made, next(message, "why")];
}

/** What is the same each time, of the properties that an error has. */
function shapeOf(error: Error) {
  return Object.entries(Object.getOwnPropertyDescriptors(error)).map(
    ([key, { enumerable, configurable, writable, value }]) =>
      [key, { enumerable, configurable, writable, value }] as const,
  ).toSorted(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("the first 16 errors are made one by one, later ones are copies of one more", () => {
  const { next, counted } = source();
  takeFirst(next);
  assertEquals(counted.made, 16);
  for (let i = 0; i < 200; i++) next(undefined, i);
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
    assertEquals(copy.stack, made.stack);
  });

  Deno.test(`a copy ${what} is printed like an error that was made`, () => {
    const [made, copy] = both(message);
    assertEquals(Deno.inspect(copy), Deno.inspect(made));
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
  const { next } = source();
  takeFirst(next);
  const copies = Array.from(
    { length: 200 },
    (_, i) => next(i % 2 === 0 ? `${i}` : undefined, i),
  );
  assertEquals(new Set(copies).size, 200);
  assertEquals(copies.map(({ cause }) => cause), copies.map((_, i) => i));
  assertEquals(
    copies.map(({ message }) => message),
    copies.map((_, i) => i % 2 === 0 ? `${i}` : ""),
  );
});

Deno.test("what is changed in a copy, its stack included, does not show in others", () => {
  const { next } = source();
  takeFirst(next);
  const [a, b] = [next(undefined, 1), next(undefined, 2)];
  const { stack } = b;
  Object.assign(a, { stack: "changed", message: "changed", extra: 1 });
  assertEquals([b.stack, b.message], [stack, ""]);
  assertFalse("extra" in next(undefined, 3));
});

function refuse(): never {
  throw new Error("DataCloneError");
}

const UNFIT: [what: string, copy: (list: Error[]) => unknown][] = [
  ["throws", refuse],
  ["returns what it is given", (list) => list],
  ["returns plain objects", (list) => list.map(() => ({}))],
  ["returns errors without a cause", (list) => list.map(() => new Error())],
  [
    "returns errors with other properties",
    (list) =>
      list.map((error) => Object.assign(structuredClone(error), { code: 1 })),
  ],
];

for (const [what, copy] of UNFIT) {
  Deno.test(`errors are made one by one where copying ${what}`, () => {
    const { next, counted } = source((value) => () =>
      copy(value as Error[]) as typeof value
    );
    const all = Array.from({ length: 100 }, (_, i) => next("why", i));
    assertEquals(counted.made, 101); // one to be copied
    assertEquals(all.map(({ cause }) => cause), all.map((_, i) => i));
    for (const error of all) assertEquals(error.message, "why");
  });
}

Deno.test("errors are made one by one where nothing can be copied", () => {
  const { next, counted } = source(refuse);
  const all = Array.from({ length: 100 }, () => next("why", null));
  assertEquals(counted.made, 101);
  assertEquals(new Set(all).size, 100);
});

Deno.test("errors are made one by one where Error.prepareStackTrace gives no text", () => {
  const before = Reflect.get(Error, "prepareStackTrace");
  Object.assign(Error, {
    prepareStackTrace: (_: Error, sites: unknown) => sites,
  });
  try {
    const { next, counted } = source();
    const all = Array.from({ length: 100 }, () => next("why", null));
    assertEquals(counted.made, 100);
    assertNotStrictEquals(all[98], all[99]);
  } finally {
    Object.assign(Error, { prepareStackTrace: before });
  }
});

Deno.test("errors are made one by one once copying fails", () => {
  let failing = false;
  const { next, counted } = source((value) => () =>
    failing ? refuse() : structuredClone(value)
  );
  takeFirst(next);
  const copies = Array.from({ length: 64 }, () => next(undefined, null));
  assertEquals(counted.made, 17);
  failing = true;
  copies.push(next("why", null), next("why", null));
  failing = false;
  copies.push(next("why", null));
  assertEquals(counted.made, 20);
  assertEquals(new Set(copies).size, 67);
});

Deno.test("errors are made one by one once their name cannot be set", () => {
  const { next, counted } = source();
  takeFirst(next);
  for (let i = 0; i < 64; i++) next(undefined, null);
  const name = Object.getOwnPropertyDescriptor(Error.prototype, "name")!;
  Object.defineProperty(Error.prototype, "name", { writable: false });
  try {
    assertEquals(next("why", 1).cause, 1);
    assertEquals(next("why", 2).cause, 2);
  } finally {
    Object.defineProperty(Error.prototype, "name", name);
  }
  assertEquals(counted.made, 19);
});

Deno.test("all have the first frame of the first error, and no other", () => {
  const { next } = source();
  const first = next("why", null);
  assertMatch(first.stack!, /^Failure: why\n {4}at [^\n]*make \([^\n]*\)$/);
  for (let i = 0; i < 40; i++) assertEquals(next("why", i).stack, first.stack);
});
