import { assert, assertEquals } from "@std/assert";
import {
  cycleLines,
  findCycles,
  type TaskReport,
} from "../../_debug/process_report.ts";
import { treeLines } from "../../_debug/tree.ts";
import { circle, frame, task } from "./_reports.ts";

function treeOf(...args: Parameters<typeof treeLines>): string {
  return treeLines(...args).join("\n");
}

Deno.test("a tree has what is waited for below what waits", () => {
  const main = task("main", [frame("main", 9)], "");
  const group = task("group", [frame("inner", 3), frame("outer", 5)], "", main);
  const a = task("a", [frame("play", 1)], "sleep(3)", group);
  const b = task("b", [frame("play", 1)], "queue.get()", group);
  assertEquals(
    treeOf([main, group, a, b]),
    `└── (T) main
    └──  main app.ts:9
        └── (T) group
            └──  outer app.ts:5
                └──  inner app.ts:3
                    ├── (T) a
                    │   └──  play app.ts:1
                    │       └──  sleep(3)
                    └── (T) b
                        └──  play app.ts:1
                            └──  queue.get()`,
  );
});

Deno.test("a tree has a root for each task that nobody waits for", () => {
  assertEquals(
    treeOf([task("a", [], "x"), task("b", [], "y")]),
    `└── (T) a
    └──  x
└── (T) b
    └──  y`,
  );
});

Deno.test("a task that waits in two places has both below it", () => {
  const two = task("two", [frame("left", 1)], "sleep(1)");
  two.waits.push({
    stack: [frame("right", 2)],
    waitsFor: "sleep(2)",
    heldBy: [],
  });
  assertEquals(
    treeOf([two]),
    `└── (T) two
    ├──  left app.ts:1
    │   └──  sleep(1)
    └──  right app.ts:2
        └──  sleep(2)`,
  );
});

Deno.test("what two tasks wait for is printed below the first of them", () => {
  const a = task("a", [frame("main", 1)], "");
  const b = task("b", [frame("main", 1)], "");
  const shared = task("shared", [frame("load", 7)], "sleep(1)", a, b);
  assertEquals(
    treeOf([a, b, shared]),
    `└── (T) a
    └──  main app.ts:1
        └── (T) shared
            └──  load app.ts:7
                └──  sleep(1)
└── (T) b
    └──  main app.ts:1
        └── (T) shared (see above)`,
  );
});

Deno.test("a frame without a file is a name alone", () => {
  const nap = task("nap", [{ name: "sleep", file: "", line: 0 }], "");
  assertEquals(treeOf([nap]), "└── (T) nap\n    └──  sleep");
});

Deno.test("a task whose awaiter is unknown is a root", () => {
  const orphan = task("orphan", [], "x");
  orphan.awaitedBy.push({ id: "0xgone", stack: [] });
  assertEquals(treeOf([orphan]), "└── (T) orphan\n    └──  x");
});

Deno.test("a circle is cut and marked", () => {
  assertEquals(
    treeOf(circle("a", "b")),
    `└── (T) a
    └──  run_a app.ts:0
        └── (T) b
            └──  run_b app.ts:1
                └── (T) a (cycle)`,
  );
});

Deno.test("a task that waits for itself is a circle", () => {
  assertEquals(
    treeOf(circle("a")),
    `└── (T) a
    └──  run_a app.ts:0
        └── (T) a (cycle)`,
  );
  assertEquals(cycleLines(circle("a")), ["cycle: a → a"]);
});

Deno.test("what leads to a circle, and what a circle waits for, is printed once", () => {
  const [a, b] = circle("a", "b");
  const before = task("before", [frame("wait", 8)], "");
  a.awaitedBy.push({ id: before.id, stack: before.waits[0].stack });
  const after = task("after", [], "x", b);
  const lines = treeLines([after, a, b, before]);
  for (const name of ["before", "after", "b"]) {
    assertEquals(
      lines.filter((line) => line.endsWith(`(T) ${name}`)).length,
      1,
      name,
    );
  }
  assertEquals(lines[0], "└── (T) before");
});

Deno.test("each circle is told, by the names of its tasks", () => {
  const tasks = [...circle("a", "b", "c"), ...circle("x", "y")];
  assertEquals(cycleLines(tasks), [
    "cycle: a → b → c → a",
    "cycle: x → y → x",
  ]);
});

Deno.test("a circle by way of locks is marked at the locks", () => {
  const a = task("a", [frame("work", 3)], "<Lock [locked]>");
  const b = task("b", [frame("work", 3)], "<Lock [locked]>");
  const c = task("c", [frame("work", 3)], "<Lock [locked]>");
  a.waits[0].heldBy.push(b.id);
  b.waits[0].heldBy.push(a.id);
  c.waits[0].heldBy.push(a.id); // it waits for the circle
  assertEquals(
    treeOf([a, b, c]),
    `└── (T) a
    └──  work app.ts:3
        └──  <Lock [locked]> (cycle)
└── (T) b
    └──  work app.ts:3
        └──  <Lock [locked]> (cycle)
└── (T) c
    └──  work app.ts:3
        └──  <Lock [locked]>`,
  );
  assertEquals(cycleLines([a, b, c]), ["cycle: a → b → a"]);
});

Deno.test("there is no circle where two tasks wait for one", () => {
  const a = task("a", [], "");
  const b = task("b", [], "", a);
  const c = task("c", [], "", a);
  const d = task("d", [], "", b, c);
  assertEquals(findCycles([a, b, c, d]), []);
});

Deno.test("a chain of any length is printed, cut where nobody reads on", () => {
  const length = 20_000;
  const tasks = [task("0", [], "")];
  for (let i = 1; i < length; i++) {
    tasks.push(task(`${i}`, [], "", tasks[i - 1]));
  }
  const lines = treeLines(tasks);
  assertEquals(lines.at(-1)!.trimStart(), `└── (T) ${lines.length - 1} ...`);
  assert(lines.length < 1000);
  assertEquals(findCycles(tasks), []);
});

Deno.test("a lattice of tasks is printed in a number of lines that it has edges", () => {
  const rows = [[task("0a", [], ""), task("0b", [], "")]];
  for (let i = 1; i < 30; i++) {
    const above = rows[i - 1];
    rows.push(["a", "b"].map((side) => task(`${i}${side}`, [], "", ...above)));
  }
  assert(treeLines(rows.flat()).length <= 2 + 4 * 30);
});

/** Says that a task is a contestant of a race for which another one waits. */
function racing(contestant: TaskReport, { id, waits }: TaskReport): void {
  const { stack } = waits[0];
  contestant.awaitedBy.push({ id, stack, isOneOf: true });
}

// Cause: The wait of a race for a lock that its own task holds was an edge.
Deno.test("what goes round by way of a race is no circle", () => {
  const main = task("main", [frame("main", 1)], "");
  const lock = task("lock", [frame("acquire", 2)], "<Lock [locked]>");
  const other = task("other", [frame("join", 3)], "");
  racing(lock, main);
  racing(other, main);
  lock.waits[0].heldBy.push(main.id);
  main.awaitedBy.push({ id: other.id, stack: other.waits[0].stack });
  assertEquals(cycleLines([main, lock, other]), []);
  assertEquals(
    treeOf([main, lock, other]),
    `└── (T) main
    └──  main app.ts:1
        ├── (T) lock
        │   └──  acquire app.ts:2
        │       └──  <Lock [locked]>
        └── (T) other
            └──  join app.ts:3
                └── (T) main (see above)`,
  );
});
