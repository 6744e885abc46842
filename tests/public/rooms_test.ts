// The rooms of docs/architecture.md, the import graph, `mod.ts`, `exports` of
// `deno.json` and the import map of `deno task test:jsr` agree. All of it is
// derived from that page's table and from `deno info --json`.

import { assert, assertEquals, assertFalse } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import architecture from "../../docs/architecture.md" with { type: "text" };
import * as mod from "../../mod.ts";
import modText from "../../mod.ts" with { type: "text" };
import jsr from "../jsr_imports.json" with { type: "json" };

/** A room with the slash at its end, or a public module, by its floor. */
const floors = new Map<string, number>();
for (const line of architecture.split("\n")) {
  const row = /^\| (\d) +\| ([^|]+)\|/.exec(line);
  if (row === null) continue;
  for (const [, name] of row[2].matchAll(/`([\w/.]+)`/g)) {
    floors.set(name, Number(row[1]));
  }
}

const root = new URL("../..", import.meta.url);
const publicModules = [...floors.keys()].filter((name) => name.endsWith(".ts"));

/** Modules that are imported by their own names only. */
const entries = publicModules.filter((name) => floors.get(name) === 8);
const inMod = publicModules.filter((name) => !entries.includes(name));

/** The name of a public module in `exports`, in kebab case. */
function entryOf(name: string): string {
  return name === "mod.ts"
    ? "."
    : `./${name.replace(".ts", "").replaceAll("_", "-")}`;
}

/** The floor of a module, given its path from the root. */
function floorOf(path: string): number | undefined {
  return floors.get(path) ?? floors.get(path.replace(/[^/]+$/, ""));
}

Deno.test("exports of deno.json has an entry of its own for every public module", () => {
  const expected = publicModules.map((name) => [entryOf(name), `./${name}`]);
  assertEquals(config.exports, Object.fromEntries(expected));
});

Deno.test("the import map of test:jsr has the same entries", () => {
  const expected = publicModules.map((name) => [
    `@asyncio/asyncio${entryOf(name).slice(1)}`,
    `../${name}`,
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

Deno.test("mod.ts is one doc block and the re-export of every module below the entries", () => {
  const [, doc, code] = /^(?:\/\/[^\n]*\n)*\s*(\/\*\*[^]*?\*\/)\s([^]*)$/.exec(
    modText,
  )!;
  assert(doc.includes("@module"));
  const expected = inMod.filter((name) => name !== "mod.ts").sort()
    .map((name) => `export * from "./${name}";`);
  assertEquals(code.split("\n").filter((line) => line !== ""), expected);
});

for (const name of inMod) {
  Deno.test(`mod.ts exports all that ${name} does`, async () => {
    // Where two modules export the same name, `export *` leaves both out.
    const module: object = await import(new URL(name, root).href);
    for (const [key, value] of Object.entries(module)) {
      assert(key in mod, `${key} is missing`);
      assert((mod as Record<string, unknown>)[key] === value, key);
    }
  });
}

Deno.test("mod.ts exports nothing private", () => {
  assertEquals(Object.keys(mod).filter((key) => key.startsWith("_")), []);
});

interface Dependency {
  specifier: string;
  code?: { specifier: string };
  type?: { specifier: string };
}

interface Module {
  specifier: string;
  dependencies?: Dependency[];
}

/** An import, by paths from the root. */
interface Import {
  from: string;
  to: string;
}

const permission = await Deno.permissions.query({
  name: "run",
  command: Deno.execPath(),
});
const readable = await Deno.permissions.query({ name: "read", path: root });
const ignore = permission.state !== "granted" || readable.state !== "granted";

const MAX_CODE_LINES = 450;

/** How many lines of a module are neither blank, comments nor imports. */
function codeLines(path: string): number {
  const code = Deno.readTextFileSync(new URL(path, root))
    .replaceAll(/\/\*[^]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*$/gm, "")
    .replaceAll(/^(import|export) [^;]*?from "[^"]+";/gm, "");
  return code.split("\n").filter((line) => line.trim() !== "").length;
}

/** Every module of the library, found in the file system. */
function ownModules(): string[] {
  const found: string[] = [];
  const look = (folder: string) => {
    for (
      const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))
    ) {
      const path = folder.slice(2) + name;
      if (isDirectory && name.startsWith("_")) look(`${folder}${name}/`);
      else if (name.endsWith(".ts")) found.push(path);
    }
  };
  look("./");
  return found.sort();
}

/** Every import between modules of the library, those of types alone included. */
async function importsOf(
  paths: string[],
  types: boolean = true,
): Promise<Import[]> {
  const imports = new Map<string, Import>();
  for (const path of paths) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", new URL(path, root).href],
      stderr: "inherit",
    }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout));
    for (const { specifier, dependencies = [] } of modules as Module[]) {
      for (const { code, type } of dependencies) {
        const target = (types ? code ?? type : code)?.specifier ?? "";
        const from = specifier.replace(root.href, "");
        const to = target.replace(root.href, "");
        imports.set(`${from} > ${to}`, { from, to });
      }
    }
  }
  return [...imports.values()];
}

/**
 * Public classes whose signatures name each other: a future has a loop, and a
 * loop creates futures. A public module may import the type of a public class for
 * its signatures from above; nothing else goes up.
 */
const SIGNATURES = new Set<string>([
  "future.ts > loop.ts",
  "task.ts > loop.ts",
  "loop.ts > task_group.ts",
  "loop.ts > threads.ts",
  "loop.ts > timeouts.ts",
]);

Deno.test({
  name: "rooms",
  ignore,
  async fn(t) {
    const modules = ownModules();
    // The program of workers, and what the npm package has instead of a module.
    const roots = [
      "mod.ts",
      ...entries,
      "_threads/pool_worker.ts",
      "_host/async_hooks_default.ts",
    ];
    const imports = await importsOf(roots);
    const own = imports.filter(({ to }) => modules.includes(to));

    await t.step("every module stands on a floor", () => {
      assertEquals(modules.filter((path) => floorOf(path) === undefined), []);
    });

    await t.step("no module is longer than CONTRIBUTING.md allows", () => {
      const long = modules.filter((path) => codeLines(path) >= MAX_CODE_LINES);
      assertEquals(long, []);
    });

    await t.step("every module is imported", () => {
      const imported = new Set(own.map(({ to }) => to));
      assertEquals(
        modules.filter((path) => !imported.has(path) && !roots.includes(path)),
        [],
      );
    });

    await t.step(
      "the library imports nothing from outside except modules of the host",
      () => {
        const foreign = imports.filter(({ to }) =>
          !modules.includes(to) && !to.startsWith("node:")
        );
        assertEquals(foreign, []);
      },
    );

    await t.step(
      "no module imports one of a higher floor, types included",
      () => {
        const wrong = own.map(({ from, to }) => ({
          text: `${from} > ${to}`,
          climbs: floorOf(to)! > floorOf(from)!,
        })).filter(({ text, climbs }) => climbs && !SIGNATURES.has(text));
        assertEquals(wrong.map(({ text }) => text), []);
      },
    );

    await t.step("no module imports another room of its floor", () => {
      const room = (path: string) => path.replace(/[^/]+$/, "");
      const wrong = own.filter(({ from, to }) =>
        from.startsWith("_") && floorOf(from) === floorOf(to) &&
        room(from) !== room(to)
      );
      assertEquals(wrong, []);
    });

    await t.step(
      "no module imports itself, directly or indirectly",
      () => {
        const finished = new Set<string>();
        function visit(path: string, route: readonly string[]): void {
          assertFalse(route.includes(path), [...route, path].join(" > "));
          if (finished.has(path)) return;
          for (const { from, to } of own) {
            if (from !== path || SIGNATURES.has(`${from} > ${to}`)) continue;
            visit(to, [...route, path]);
          }
          finished.add(path);
        }
        for (const path of modules) visit(path, []);
      },
    );

    await t.step(
      "the loop imports no module of threads at run time",
      async () => {
        const code = await importsOf(["loop.ts"], false);
        const needed = new Set(["loop.ts"]);
        for (const path of needed) {
          for (const { from, to } of code) if (from === path) needed.add(to);
        }
        assert(needed.has("task.ts"));
        assertFalse([...needed].some((path) => path.startsWith("_threads/")));
      },
    );
  },
});
