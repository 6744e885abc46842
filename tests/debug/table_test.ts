import { assertEquals } from "@std/assert";
import { tableLines } from "../../_debug/table.ts";
import { circle, frame, task } from "./_reports.ts";

/** The cells of each row, by the widths of CPython's columns. */
function cellsOf(
  ...tasks: Parameters<typeof tableLines>[0]["tasks"]
): string[][] {
  const widths = [10, 20, 20, 50, 50, 15, 15];
  return tableLines({ version: 1, pid: 4711, tasks }).map((line) => {
    let start = 0;
    return widths.map((width) => {
      const cell = line.slice(start, start + width);
      start += width + 1;
      return cell.trimEnd();
    });
  });
}

Deno.test("a table begins as that of python -m asyncio ps", () => {
  const [headings, rule] = tableLines({ version: 1, pid: 1, tasks: [] });
  assertEquals(
    headings,
    "tid        task id              task name            coroutine stack                                    awaiter chain                                      awaiter name    awaiter id     ",
  );
  assertEquals(rule, "-".repeat(180));
});

Deno.test("a table has a row for each task and each of its awaiters", () => {
  const a = task("a", [frame("inner", 2), frame("outer", 1)], "");
  const b = task("b", [frame("main", 3)], "");
  const c = task("c", [frame("work", 4)], "sleep(1)", a, b);
  assertEquals(cellsOf(a, b, c).slice(2), [
    ["4711", "0xa", "a", "inner -> outer", "", "", "0x0"],
    ["4711", "0xb", "b", "main", "", "", "0x0"],
    ["4711", "0xc", "c", "sleep(1) -> work", "inner -> outer", "a", "0xa"],
    ["4711", "0xc", "c", "sleep(1) -> work", "main", "b", "0xb"],
  ]);
});

Deno.test("a table names an awaiter that it does not know Unknown", () => {
  const orphan = task("a", [], "x");
  orphan.awaitedBy.push({ id: "0xgone", stack: [frame("main", 1)] });
  assertEquals(cellsOf(orphan)[2], [
    ...["4711", "0xa", "a", "x", "main", "Unknown", "0xgone"],
  ]);
});

Deno.test("a table shows all the places in which a task waits", () => {
  const two = task("two", [frame("left", 1)], "sleep(1)");
  two.waits.push({ stack: [], waitsFor: "sleep(2)", heldBy: [] });
  assertEquals(cellsOf(two)[2][3], "sleep(1) -> left, sleep(2)");
});

Deno.test("a table has the names of what is waited for, without details", () => {
  const cases: [string, string][] = [
    ["native promise at /home/me/app.ts:3", "native promise"],
    ["queue.get() of <Queue maxsize=0>", "queue.get()"],
    ["<Lock [locked], held by Task 'b'>", "<Lock [locked], held by Task 'b'>"],
    ["sleep(3)", "sleep(3)"],
  ];
  for (const [text, expected] of cases) {
    assertEquals(cellsOf(task("a", [], text))[2][3], expected);
  }
});

Deno.test("a table shows a circle as what it is", () => {
  assertEquals(cellsOf(...circle("a", "b")).slice(2), [
    ["4711", "0xa", "a", "run_a", "run_b", "b", "0xb"],
    ["4711", "0xb", "b", "run_b", "run_a", "a", "0xa"],
  ]);
});
