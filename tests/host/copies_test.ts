import { assertEquals, assertNotStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { copierOf } from "../../_host/copies.ts";

/** What of Deno has no public name. */
const insides = Reflect.get(
  Deno,
  (Deno as unknown as { internal: symbol }).internal,
);

/** What of the host is used to copy, and what has to be missing for that. */
const MEANS: [name: string, lacks: ("core" | "node:v8")[]][] = [
  ["Deno's core", []],
  ["node:v8", ["core"]],
  ["structuredClone()", ["core", "node:v8"]],
];

function withoutMeans(lacks: readonly string[]): Disposable {
  const stack = new DisposableStack();
  if (lacks.includes("core")) {
    const { core } = insides;
    insides.core = {};
    stack.defer(() => insides.core = core);
  }
  if (lacks.includes("node:v8")) {
    const { process } = globalThis as unknown as {
      process: { getBuiltinModule(name: string): unknown };
    };
    stack.use(stub(process, "getBuiltinModule", () => undefined));
  }
  return stack;
}

for (const [name, lacks] of MEANS) {
  Deno.test(`a copier with ${name} makes equal copies that share nothing`, () => {
    using _ = withoutMeans(lacks);
    const error = new RangeError("far", { cause: null });
    const copy = copierOf([{ error, list: [1, undefined] }]);
    const [first, second] = [copy()[0], copy()[0]];
    for (const { error, list } of [first, second]) {
      assertEquals(list, [1, undefined]);
      assertEquals(Object.prototype.toString.call(error), "[object Error]");
      assertEquals([error.message, error.cause], ["far", null]);
    }
    assertNotStrictEquals(first.error, second.error);
    assertNotStrictEquals(first.list, second.list);
  });
}
