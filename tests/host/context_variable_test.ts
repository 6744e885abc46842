import { AsyncLocalStorage } from "node:async_hooks";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  bindToContext,
  type ContextVariable,
  contextVariable,
} from "../../_host/context_variable.ts";
import { StepStorage } from "../../_host/step_storage.ts";

const storage = new AsyncLocalStorage<string>();

Deno.test("in this Deno, a context variable is no AsyncLocalStorage", () => {
  assert(!(contextVariable() instanceof AsyncLocalStorage));
});

Deno.test("a context variable has no value outside of run()", () => {
  const variable = contextVariable<string[]>();
  const inside = variable.run(["a"], () => variable.getStore());
  assertEquals([inside, variable.getStore()], [["a"], undefined]);
});

Deno.test("the innermost value counts, and the outer one comes back", () => {
  const variable = contextVariable<string[]>();
  const values = variable.run(["outer"], () => [
    variable.getStore(),
    variable.run(["inner"], () => variable.getStore()),
    variable.getStore(),
  ]);
  assertEquals(values, [["outer"], ["inner"], ["outer"]]);
});

Deno.test("the outer value comes back when the body throws", () => {
  const variable = contextVariable<string[]>();
  const error = new Error("no luck");
  variable.run(["outer"], () => {
    try {
      variable.run(["inner"], () => {
        throw error;
      });
    } catch (thrown) {
      assertStrictEquals(thrown, error);
    }
    assertEquals(variable.getStore(), ["outer"]);
  });
});

Deno.test("promises, timers and microtasks carry the value along", async () => {
  const variable = contextVariable<string[]>();
  const seen: unknown[] = [];
  await variable.run(["a"], async () => {
    await null;
    seen.push(variable.getStore());
    await new Promise<void>((resolve) =>
      setTimeout(() => {
        seen.push(variable.getStore());
        resolve();
      }, 0)
    );
    queueMicrotask(() => seen.push(variable.getStore()));
    await Promise.resolve();
  });
  assertEquals(seen, [["a"], ["a"], ["a"]]);
});

Deno.test("a context variable and a storage of the program keep each other", async () => {
  const variable = contextVariable<string[]>();
  const look = async () => {
    await null;
    return [variable.getStore(), storage.getStore()];
  };
  const expected = [["a"], "b"];
  assertEquals(
    await variable.run(["a"], () => storage.run("b", look)),
    expected,
  );
  assertEquals(
    await storage.run("b", () => variable.run(["a"], look)),
    expected,
  );
  const snapshot = variable.run(
    ["a"],
    () => storage.run("b", () => AsyncLocalStorage.snapshot()),
  );
  assertEquals(await snapshot(look), expected);
});

Deno.test("two context variables do not touch each other", () => {
  const first = contextVariable<string[]>();
  const second = contextVariable<string[]>();
  first.run(["a"], () =>
    second.run(["b"], () => {
      assertEquals([first.getStore(), second.getStore()], [["a"], ["b"]]);
    }));
});

Deno.test("a context variable is alone unless a storage of the program is set", () => {
  const variable = contextVariable<string[]>();
  const seen = [
    variable.isAlone,
    variable.run(["a"], () => variable.isAlone),
    storage.run("b", () => variable.isAlone),
    variable.run(["a"], () => storage.run("b", () => variable.isAlone)),
    contextVariable<string[]>().run(["other"], () => variable.isAlone),
    variable.isAlone,
  ];
  assertEquals(seen, [true, true, false, false, false, true]);
});

for (
  const [what, variable] of [
    ["a context variable", contextVariable<string[]>()],
    ["an AsyncLocalStorage", new AsyncLocalStorage<string[]>()],
    ["what stands in for it", new StepStorage<string[]>()],
  ] as [string, ContextVariable<string[]>][]
) {
  Deno.test(`run() of ${what} passes an argument on`, () => {
    const look = (argument: string) => [variable.getStore(), argument];
    assertEquals(variable.run(["a"], look, "b"), [["a"], "b"]);
  });
}

Deno.test("a function that is run alone sees no storage, and changes none", () => {
  const variable = contextVariable<string[]>();
  const seen: unknown[] = [];
  storage.run("b", () =>
    variable.run(["a"], () => {
      assertThrows(
        () =>
          variable.runAlone!(["alone"], (message) => {
            seen.push(variable.getStore(), storage.getStore());
            storage.enterWith("left behind");
            throw new Error(message);
          }, "thrown"),
        Error,
        "thrown",
      );
      seen.push(variable.getStore(), storage.getStore());
    }));
  assertEquals(seen, [["alone"], undefined, ["a"], "b"]);
});

Deno.test("a bound function runs in the context in which it was bound, and only that", () => {
  const variable = contextVariable<string[]>();
  const seen: unknown[] = [];
  const look = () => seen.push(variable.getStore(), storage.getStore());
  const step = variable.run(
    ["a"],
    () =>
      storage.run("b", () =>
        bindToContext((stored: string, thrown: string) => {
          look();
          storage.enterWith(stored);
          throw new Error(thrown);
        })),
  );
  variable.run(["c"], () => {
    assertThrows(() => step("left behind", "thrown"), Error, "thrown");
    look();
  });
  assertEquals(seen, [["a"], "b", ["c"], undefined]);
});

Deno.test("where Deno's core is not as expected, it is an AsyncLocalStorage", async () => {
  const { internal } = Deno as unknown as { internal: symbol };
  const insides = Reflect.get(Deno, internal);
  const { core } = insides;
  try {
    insides.core = {};
    const without = await import("../../_host/context_variable.ts?without");
    assert(without.contextVariable() instanceof AsyncLocalStorage);
    insides.core = { getAsyncContext: () => ({}), setAsyncContext() {} };
    const other = await import("../../_host/context_variable.ts?other");
    assert(other.contextVariable() instanceof AsyncLocalStorage);
    const told: string[] = [];
    const step = storage.run(
      "bound",
      () =>
        other.bindToContext((text: string, more: string) => {
          told.push(`${text} ${more} ${storage.getStore()}`);
        }),
    );
    storage.run("outer", () => step("called", "once"));
    assertEquals(told, []);
    await Promise.resolve();
    assertEquals(told, ["called once bound"]);
  } finally {
    insides.core = core;
  }
});
