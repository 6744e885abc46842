// The modules, `mod.ts`, `exports` of `deno.json` and the import map of
// `deno task test:jsr` agree, and no module imports one that stands above it.

import { assert, assertEquals, assertFalse } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import jsr from "./jsr_imports.json" with { type: "json" };
import * as mod from "../mod.ts";

// Every module, by name: what is imported by a literal needs no permission.
import privateAmounts from "../_amounts.ts" with { type: "text" };
import privateArguments from "../_arguments.ts" with { type: "text" };
import privateAsCompleted from "../_as_completed.ts" with { type: "text" };
import privateAsyncCall from "../_async_call.ts" with { type: "text" };
import privateAttachment from "../_attachment.ts" with { type: "text" };
import privateAwait from "../_await.ts" with { type: "text" };
import privateAwaitables from "../_awaitables.ts" with { type: "text" };
import privateBarrier from "../_barrier.ts" with { type: "text" };
import privateCancel from "../_cancel.ts" with { type: "text" };
import privateClock from "../_clock.ts" with { type: "text" };
import privateCondition from "../_condition.ts" with { type: "text" };
import privateDefinition from "../_definition.ts" with { type: "text" };
import privateDeque from "../_deque.ts" with { type: "text" };
import privateEngine from "../_engine.ts" with { type: "text" };
import privateExceptions from "../_exceptions.ts" with { type: "text" };
import privateExecutor from "../_executor.ts" with { type: "text" };
import privateExpose from "../_expose.ts" with { type: "text" };
import privateFailures from "../_failures.ts" with { type: "text" };
import privateHandle from "../_handle.ts" with { type: "text" };
import privateLock from "../_lock.ts" with { type: "text" };
import privatePool from "../_pool.ts" with { type: "text" };
import privatePoolMap from "../_pool_map.ts" with { type: "text" };
import privatePoolWorker from "../_pool_worker.ts" with { type: "text" };
import privatePort from "../_port.ts" with { type: "text" };
import privatePriority from "../_priority.ts" with { type: "text" };
import privateQueue from "../_queue.ts" with { type: "text" };
import privateReadyQueue from "../_ready_queue.ts" with { type: "text" };
import privateRemote from "../_remote.ts" with { type: "text" };
import privateRepr from "../_repr.ts" with { type: "text" };
import privateScope from "../_scope.ts" with { type: "text" };
import privateShield from "../_shield.ts" with { type: "text" };
import privateSignals from "../_signals.ts" with { type: "text" };
import privateSleepSteps from "../_sleep_steps.ts" with { type: "text" };
import privateSource from "../_source.ts" with { type: "text" };
import privateStep from "../_step.ts" with { type: "text" };
import privateSubmission from "../_submission.ts" with { type: "text" };
import privateTaskList from "../_task_list.ts" with { type: "text" };
import privateThread from "../_thread.ts" with { type: "text" };
import privateThrown from "../_thrown.ts" with { type: "text" };
import privateTimerHeap from "../_timer_heap.ts" with { type: "text" };
import privateWait from "../_wait.ts" with { type: "text" };
import privateWaitFor from "../_wait_for.ts" with { type: "text" };
import privateWaiters from "../_waiters.ts" with { type: "text" };
import privateWire from "../_wire.ts" with { type: "text" };
import privateWork from "../_work.ts" with { type: "text" };
import coroutineText from "../coroutine.ts" with { type: "text" };
import errorsText from "../errors.ts" with { type: "text" };
import futureText from "../future.ts" with { type: "text" };
import gatherText from "../gather.ts" with { type: "text" };
import locksText from "../locks.ts" with { type: "text" };
import loopText from "../loop.ts" with { type: "text" };
import modText from "../mod.ts" with { type: "text" };
import queuesText from "../queues.ts" with { type: "text" };
import runnerText from "../runner.ts" with { type: "text" };
import taskText from "../task.ts" with { type: "text" };
import taskGroupText from "../task_group.ts" with { type: "text" };
import threadsText from "../threads.ts" with { type: "text" };
import timeoutsText from "../timeouts.ts" with { type: "text" };

/** The text of every module. */
const texts: Record<string, string> = {
  _amounts: privateAmounts,
  _arguments: privateArguments,
  _as_completed: privateAsCompleted,
  _async_call: privateAsyncCall,
  _attachment: privateAttachment,
  _await: privateAwait,
  _awaitables: privateAwaitables,
  _barrier: privateBarrier,
  _cancel: privateCancel,
  _clock: privateClock,
  _condition: privateCondition,
  _definition: privateDefinition,
  _deque: privateDeque,
  _engine: privateEngine,
  _exceptions: privateExceptions,
  _executor: privateExecutor,
  _expose: privateExpose,
  _failures: privateFailures,
  _handle: privateHandle,
  _lock: privateLock,
  _pool: privatePool,
  _pool_map: privatePoolMap,
  _pool_worker: privatePoolWorker,
  _port: privatePort,
  _priority: privatePriority,
  _queue: privateQueue,
  _ready_queue: privateReadyQueue,
  _remote: privateRemote,
  _repr: privateRepr,
  _scope: privateScope,
  _shield: privateShield,
  _signals: privateSignals,
  _sleep_steps: privateSleepSteps,
  _source: privateSource,
  _step: privateStep,
  _submission: privateSubmission,
  _task_list: privateTaskList,
  _thread: privateThread,
  _thrown: privateThrown,
  _timer_heap: privateTimerHeap,
  _wait: privateWait,
  _wait_for: privateWaitFor,
  _waiters: privateWaiters,
  _wire: privateWire,
  _work: privateWork,
  coroutine: coroutineText,
  errors: errorsText,
  future: futureText,
  gather: gatherText,
  locks: locksText,
  loop: loopText,
  mod: modText,
  queues: queuesText,
  runner: runnerText,
  task: taskText,
  task_group: taskGroupText,
  threads: threadsText,
  timeouts: timeoutsText,
};

/** What every public module but `mod` exports. */
const publicModules: Record<string, () => Promise<object>> = {
  coroutine: () => import("../coroutine.ts"),
  errors: () => import("../errors.ts"),
  future: () => import("../future.ts"),
  gather: () => import("../gather.ts"),
  locks: () => import("../locks.ts"),
  loop: () => import("../loop.ts"),
  queues: () => import("../queues.ts"),
  runner: () => import("../runner.ts"),
  task: () => import("../task.ts"),
  task_group: () => import("../task_group.ts"),
  threads: () => import("../threads.ts"),
  timeouts: () => import("../timeouts.ts"),
};

/** The floors that names do not tell, see CONTRIBUTING.md. */
const FLOORS: Record<string, number> = {
  errors: 1,
  coroutine: 2,
  future: 2,
  task: 3,
  loop: 4,
  mod: 6,
  _pool: 5,
  _pool_map: 5,
  _work: 5,
  // Parts of gather.ts, locks.ts, queues.ts, runner.ts and threads.ts.
  _expose: 5,
  _remote: 5,
  _as_completed: 5,
  _awaitables: 5,
  _barrier: 5,
  _condition: 5,
  _lock: 5,
  _queue: 5,
  _shield: 5,
  _submission: 5,
  _wait: 5,
  _wait_for: 5,
};

/** Which floor a module stands on. */
function floorOf(name: string): number {
  return FLOORS[name] ?? (name.startsWith("_") ? 1 : 5);
}

/** The specifiers of all that a module imports when it runs. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/^[ \t]*\/\*[^]*?\*\//gm, "");
  const statements = code.matchAll(
    /^(?:import|export)\s+(?!type\b)(?:[\w*{][^"';]*?\sfrom\s+)?"([^"]+)"/gm,
  );
  return [...statements].map(([, specifier]) => specifier);
}

/** The names of the modules of this library that a module imports. */
function neighboursOf(name: string): string[] {
  return importsOf(texts[name])
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => specifier.replace(/^\.\/(.+)\.ts$/, "$1"));
}

/** What a module is called in `exports`: kebab case. */
function entryOf(name: string): string {
  return name === "mod" ? "." : `./${name.replaceAll("_", "-")}`;
}

const names = Object.keys(texts);
const publicNames = names.filter((name) => !name.startsWith("_"));

Deno.test("importsOf() sees what runs, and neither types nor examples", () => {
  const text = [
    "/**",
    ' * import { a } from "./example.ts";',
    " */",
    'import "./side_effect.ts";',
    'import type { A } from "./types.ts";',
    'import b, { type B } from "./one.ts";',
    "import {",
    "  c,",
    "  type C,",
    '} from "./two.ts";',
    'import * as d from "./three.ts";',
    'export type { E } from "./types.ts";',
    'export { e } from "./four.ts";',
    'export * from "./five.ts";',
    "export function f() {",
    '  throw new Error("from nowhere");',
    "}",
    'export const g = "./none.ts";',
  ].join("\n");
  assertEquals(importsOf(text), [
    "./side_effect.ts",
    "./one.ts",
    "./two.ts",
    "./three.ts",
    "./four.ts",
    "./five.ts",
  ]);
});

Deno.test("exports of deno.json has an entry of its own for every public module", () => {
  const expected = publicNames.map((name) => [entryOf(name), `./${name}.ts`]);
  assertEquals(config.exports, Object.fromEntries(expected));
});

Deno.test("the import map of test:jsr has the same entries", () => {
  const expected = publicNames.map((name) => [
    `@asyncio/asyncio${entryOf(name).slice(1)}`,
    `../${name}.ts`,
  ]);
  const entries = Object.entries(jsr.imports)
    .filter(([specifier]) => specifier.startsWith("@asyncio/asyncio"));
  assertEquals(Object.fromEntries(entries), Object.fromEntries(expected));
});

Deno.test("the import map of test:jsr has the @std of deno.json", () => {
  const imports: Record<string, string> = jsr.imports;
  for (const [name, specifier] of Object.entries(config.imports)) {
    const mapped = imports[name] ??
      imports[`${name}/`]?.replace("jsr:/", "jsr:").replace(/\/$/, "");
    assertEquals(mapped, specifier);
  }
});

Deno.test("mod.ts is one doc block and the re-export of every public module", () => {
  const [, doc, code] = /^(\/\*\*[^]*?\*\/)\s([^]*)$/.exec(texts.mod)!;
  assert(doc.includes("@module"));
  const expected = publicNames.filter((name) => name !== "mod")
    .map((name) => `export * from "./${name}.ts";`);
  assertEquals(code.split("\n").filter((line) => line !== ""), expected);
});

for (const [name, load] of Object.entries(publicModules)) {
  Deno.test(`mod.ts exports all that ${name}.ts does`, async () => {
    // Where two modules export the same name, `export *` leaves both out.
    for (const [key, value] of Object.entries(await load())) {
      assert(key in mod, `${key} is missing`);
      assert((mod as Record<string, unknown>)[key] === value, key);
    }
  });
}

Deno.test("mod.ts exports nothing private", () => {
  assertEquals(Object.keys(mod).filter((key) => key.startsWith("_")), []);
});

Deno.test("every public module opens with its documentation", () => {
  for (const name of publicNames) {
    const doc = /^\/\*\*[^]*?\*\//.exec(texts[name])?.[0] ?? "";
    assert(doc.includes("@module"), name);
  }
});

Deno.test("no module depends on anything outside but what the host brings along", () => {
  const foreign = names.flatMap((name) =>
    importsOf(texts[name])
      .filter((specifier) => !/^(node:|\.\/[^/]+\.ts$)/.test(specifier))
      .map((specifier) => `${name} imports ${specifier}`)
  );
  assertEquals(foreign, []);
});

Deno.test("this test knows every module that another imports", () => {
  const unknown = names.flatMap(neighboursOf)
    .filter((name) => !names.includes(name));
  assertEquals(unknown, [], "add them to tests/mod_test.ts");
});

Deno.test("no module imports one of a higher floor", () => {
  const wrong = names.flatMap((name) =>
    neighboursOf(name)
      .filter((neighbour) => floorOf(neighbour) > floorOf(name))
      .map((neighbour) => `${name} imports ${neighbour}`)
  );
  assertEquals(wrong, []);
});

Deno.test("no module imports itself, directly or by way of others", () => {
  const finished = new Set<string>();
  function visit(name: string, path: readonly string[]): void {
    const route = [...path, name];
    assertFalse(path.includes(name), `a circle: ${route.join(" > ")}`);
    if (finished.has(name)) return;
    for (const neighbour of neighboursOf(name)) {
      if (neighbour in texts) visit(neighbour, route);
    }
    finished.add(name);
  }
  for (const name of names) visit(name, []);
});

Deno.test("the loop needs no module of threads", () => {
  const needed = new Set(["loop"]);
  for (const name of needed) {
    for (const neighbour of neighboursOf(name)) needed.add(neighbour);
  }
  assertEquals([...needed].filter((name) => floorOf(name) > 4), []);
  for (const name of ["_pool", "_port", "_remote", "_thread", "_wire"]) {
    assertFalse(needed.has(name), name);
  }
});

const folder = new URL("..", import.meta.url);
const read = await Deno.permissions.query({ name: "read", path: folder });

Deno.test({
  name: "this test knows every module of the folder",
  ignore: read.state !== "granted",
  fn() {
    const files = [...Deno.readDirSync(folder)]
      .map((entry) => entry.name)
      .filter((file) => file.endsWith(".ts"));
    const expected = names.map((name) => `${name}.ts`);
    assertEquals(
      files.sort(),
      expected.sort(),
      "tests/mod_test.ts imports the text of every module",
    );
  },
});

Deno.test("public modules are those that have an entry in publicModules", () => {
  assertEquals(
    [...Object.keys(publicModules), "mod"].sort(),
    [...publicNames].sort(),
  );
});
