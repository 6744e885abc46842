// Copyright 2026 the asyncio authors. MIT license.

/**
 * Makes the npm package from the sources, in `npm/`: JavaScript that Node.js 20
 * can parse and types, one file for each module, so that bundlers drop the
 * modules that are not used.
 *
 * Usage: `deno task build:npm`. It prints the path of the tarball.
 */

import config from "../deno.json" with { type: "json" };

const ROOT = new URL("..", import.meta.url);
const OUTPUT = new URL("npm/", ROOT);
const STAGE = new URL("npm/.stage/", ROOT);
const PACKAGE = new URL("npm/package/", ROOT);

const TYPESCRIPT = "npm:typescript@5.9/tsc";
const ESBUILD = "npm:esbuild@0.25.12";

/** Runs a program, and returns what it prints. */
async function run(
  args: string[],
  options: Deno.CommandOptions = {},
): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    stderr: "inherit",
    ...options,
    args,
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`deno ${args.join(" ")} failed: ${text}`);
  return text;
}

/** The modules of the library, by paths from the root. */
async function* modules(folder = ""): AsyncGenerator<string> {
  for await (const { name, isFile } of Deno.readDir(new URL(folder, ROOT))) {
    if (isFile && name.endsWith(".ts")) yield folder + name;
    else if (folder === "" && name.startsWith("_")) yield* modules(`${name}/`);
  }
}

/** The type of a field of which TypeScript would drop the mark as pure. */
const TYPE_BEFORE_MARK =
  /(static readonly \$\w+): \w+(?= = \/\* @__PURE__ \*\/)/g;

/** What differs in the package: names of files and an import. */
function edit(path: string, text: string): string {
  const source = text.replaceAll(TYPE_BEFORE_MARK, "$1");
  switch (path) {
    case "_threads/thread.ts":
      return source.replace('"./pool_worker.ts"', '"./pool_worker.js"');
    case "_host/context.ts":
      return source.replace('"./async_hooks.ts"', '"#async_hooks"');
    default:
      return source;
  }
}

async function stage(): Promise<void> {
  for await (const path of modules()) {
    const target = new URL(path, STAGE);
    await Deno.mkdir(new URL(".", target), { recursive: true });
    const source = await Deno.readTextFile(new URL(path, ROOT));
    await Deno.writeTextFile(target, edit(path, source));
  }
}

/** Puts the program of the workers into a module, as text. */
async function embedWorker(): Promise<void> {
  const text = await run([
    "run",
    "--allow-all",
    "--no-lock",
    "--quiet",
    ESBUILD,
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    new URL("_threads/pool_worker.ts", STAGE).pathname,
  ]);
  const target = new URL("_threads/worker_text.ts", STAGE);
  const source = await Deno.readTextFile(target);
  const declared = "workerText: string | null =";
  await Deno.writeTextFile(
    target,
    source.replace(`${declared} null`, `${declared} ${JSON.stringify(text)}`),
  );
}

async function compile(): Promise<void> {
  const compilerOptions = {
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["esnext", "dom", "dom.iterable"],
    types: [],
    strict: true,
    declaration: true,
    stripInternal: false,
    rewriteRelativeImportExtensions: true,
    allowImportingTsExtensions: true,
    // `deno check` has checked the sources, with the types of the host.
    noCheck: true,
    outDir: PACKAGE.pathname,
    rootDir: STAGE.pathname,
  };
  const project = new URL("tsconfig.json", STAGE);
  await Deno.writeTextFile(
    project,
    JSON.stringify({ compilerOptions, include: ["**/*.ts"] }),
  );
  await run([
    "run",
    "--allow-all",
    "--no-lock",
    "--quiet",
    TYPESCRIPT,
    "--project",
    project.pathname,
  ]);
}

/** `exports` of `package.json`, which are those of `deno.json`. */
function entries(): Record<string, { types: string; default: string }> {
  return Object.fromEntries(
    Object.entries(config.exports).map(([entry, path]) => [entry, {
      types: path.replace(/\.ts$/, ".d.ts"),
      default: path.replace(/\.ts$/, ".js"),
    }]),
  );
}

/** Imports of types keep their `.ts`, which not every tool resolves. */
async function renameTypeImports(): Promise<void> {
  for await (const path of modules()) {
    const file = new URL(path.replace(/\.ts$/, ".d.ts"), PACKAGE);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      text.replace(/((?:from |import\(|import )"\.[^"\n]*)\.ts"/g, '$1.js"'),
    );
  }
}

/** The types of the package name interfaces that not every `lib` has. */
async function referToLib(): Promise<void> {
  for (const path of Object.values(config.exports)) {
    const file = new URL(path.replace(/\.ts$/, ".d.ts"), PACKAGE);
    const reference = '/// <reference lib="esnext.disposable" />\n';
    await Deno.writeTextFile(file, reference + await Deno.readTextFile(file));
  }
}

/** Makes a program of `cli.js`, which a shell can start. */
async function addInterpreter(): Promise<void> {
  const file = new URL("cli.js", PACKAGE);
  const text = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, `#!/usr/bin/env node\n${text}`);
}

async function describe(): Promise<void> {
  const native = "./_host/async_hooks.js";
  const manifest = {
    name: config.name,
    version: config.version,
    description: "Python's asyncio for JavaScript and TypeScript",
    license: config.license,
    type: "module",
    sideEffects: ["./debug.js", "./cli.js"],
    bin: { asyncio: "./cli.js" },
    engines: { node: ">=20.16" },
    exports: entries(),
    imports: {
      "#async_hooks": {
        types: "./_host/async_hooks.d.ts",
        deno: native,
        bun: native,
        node: native,
        default: "./_host/async_hooks_default.js",
      },
    },
  };
  await Deno.writeTextFile(
    new URL("package.json", PACKAGE),
    JSON.stringify(manifest, null, 2) + "\n",
  );
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    await Deno.copyFile(new URL(name, ROOT), new URL(name, PACKAGE));
  }
}

/** Packs it as `npm pack` does: one folder, `package/`, in a tarball. */
async function pack(): Promise<string> {
  const tarball = new URL("asyncio.tgz", OUTPUT).pathname;
  const { success } = await new Deno.Command("tar", {
    args: ["-czf", tarball, "-C", OUTPUT.pathname, "package"],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("tar failed");
  return tarball;
}

await Deno.remove(OUTPUT, { recursive: true }).catch(() => {});
await stage();
await embedWorker();
await compile();
await renameTypeImports();
await referToLib();
await addInterpreter();
await describe();
await Deno.remove(STAGE, { recursive: true });
console.log(await pack());
