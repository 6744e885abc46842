import { assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { CallbackList } from "../../_core/callback_list.ts";

function entries(count: number): { n: number }[] {
  return Array.from({ length: count }, (_, n) => ({ n }));
}

function listOf<T extends object>([first, second, ...rest]: T[]) {
  const list = new CallbackList(first, second);
  for (const entry of rest) list.push(entry);
  return list;
}

// Below, at and above the length from which there is an index.
for (const count of [3, 15, 16, 17, 1000]) {
  const places: [string, (all: { n: number }[]) => { n: number }[]][] = [
    ["the first", (all) => [all[0]]],
    ["the middle one", (all) => [all[count >> 1]]],
    ["the last", (all) => [all[count - 1]]],
    ["all but the last, in order", (all) => all.slice(0, -1)],
    ["all but the first, backwards", (all) => all.slice(1).reverse()],
  ];
  for (const [what, choose] of places) {
    Deno.test(`deleting ${what} of ${count} callbacks leaves the others in order`, () => {
      const all = entries(count);
      const list = listOf(all);
      const chosen = choose(all);
      for (const entry of chosen) assertEquals(list.delete(entry), 1);
      const left = all.filter((entry) => !chosen.includes(entry));
      assertEquals(list.toArray(), left);
      assertEquals(list.size, left.length);
      assertStrictEquals(list.last, left.at(-1)!);
      assertEquals(list.delete(chosen[0]), 0);
    });
  }

  Deno.test(`a callback that was added several times to ${count} others is deleted everywhere`, () => {
    const repeated = { n: -1 };
    const all = entries(count);
    const list = listOf(all.flatMap((entry) => [entry, repeated]));
    list.push(repeated);
    assertEquals(list.delete(repeated), count + 1);
    assertEquals(list.toArray(), all);
  });
}

Deno.test("what is added after a removal stands at the end, and can be deleted", () => {
  const all = entries(20);
  const list = listOf(all);
  const late = { n: 20 };
  list.delete(all[3]);
  list.push(late);
  assertStrictEquals(list.last, late);
  assertEquals(list.delete(late), 1);
  assertStrictEquals(list.last, all[19]);
});

Deno.test("a list of which all callbacks were deleted is empty", () => {
  const all = entries(40);
  const list = listOf(all);
  for (const entry of all) list.delete(entry);
  assertEquals([list.size, list.last, list.toArray()], [0, null, []]);
});

Deno.test("deleting many callbacks one by one looks at each entry a few times at most", () => {
  const count = 10_000;
  const all = entries(count);
  const list = listOf(all);
  let looks = 0;
  function counting(name: "filter" | "forEach") {
    const method: (...args: never[]) => unknown = Array.prototype[name];
    return stub(
      Array.prototype,
      name,
      function (this: unknown[], ...args: unknown[]) {
        looks += this.length;
        return Reflect.apply(method, this, args);
      } as never,
    );
  }
  const counted = [counting("filter"), counting("forEach")];
  for (const entry of all) list.delete(entry);
  for (const { restore } of counted) restore();
  assertEquals(list.size, 0);
  assertLess(looks, 10 * count);
});
