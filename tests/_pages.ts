// The programs in the pages that people read, README.md and docs/*.md.
//
// A block marked `ts` is a program. `deno check --doc-only` checks its types
// (`deno task doc:check`), and tests/public/pages_test.ts runs it as a reader
// would, in a process of its own:
//
//     ```ts --allow-net=127.0.0.1        what follows `ts` are flags of deno run
//     …
//     ```
//
//     ```text                            all that it prints, stderr included
//     …
//     ```
//
// Without a block of output right after it, the program prints nothing and ends
// with status 0. `ts ignore` marks a fragment, which is not run; in
// `ts ignore examples/x.ts` it is a part of that file.
//
// A program that calls `Deno.test()` is run by `deno test`. Its report is compared
// only if the page shows one.
//
// Output is compared to the letter, but for what differs from run to run: see
// `comparable()`.

/** A program in a page. */
export interface Program {
  /** The heading that it stands under, and its number there. */
  name: string;
  source: string;
  /** The flags of `deno run`. */
  flags: string[];
  /** What the page says that it prints; `null` if it says nothing. */
  output: string | null;
}

/** A part of an example that a page shows. */
export interface Excerpt {
  /** The path of the example. */
  path: string;
  source: string;
}

/** Finds the parts of examples that a page shows. */
export function excerptsOf(markdown: string): Excerpt[] {
  return [...markdown.matchAll(/^```ts ignore (\S+)\n([^]*?)^```$/gm)]
    .map(([, path, source]) => ({ path, source }));
}

/** A command of `deno run examples/…`, with its flags. */
export interface Command {
  flags: string[];
  path: string;
}

/** Finds the commands in a page that run an example. */
export function commandsOf(markdown: string): Command[] {
  const blocks = markdown.matchAll(/^```sh\n([^]*?)^```$/gm);
  return [...blocks].flatMap(([, text]) =>
    [...text.matchAll(/\bdeno run ((?:--?\S+ )*)(examples\/\S+)/g)]
      .map(([, flags, path]) => ({ flags: flags.trim().split(" "), path }))
  );
}

const FENCED = /^```(\w*)([^\n]*)\n([^]*?)^```$|^#+ (.*)$/gm;
const ONLY_SPACE = /^\s*$/;

/** Finds the programs of a page, in order. */
export function programsOf(markdown: string): Program[] {
  const programs: Program[] = [];
  let heading = "";
  let count = 0;
  let last: Program | null = null;
  let lastEnd = 0;
  for (const match of markdown.matchAll(FENCED)) {
    const [block, language, info, text, title] = match;
    const follows = last !== null &&
      ONLY_SPACE.test(markdown.slice(lastEnd, match.index));
    if (title !== undefined) {
      heading = title;
      count = 0;
      last = null;
    } else if (language === "text") {
      if (follows) last!.output = text;
      last = null;
    } else if (language === "ts") {
      const flags = info.split(" ").filter((word) => word !== "");
      last = null;
      if (flags.includes("ignore")) continue;
      last = {
        name: `${heading}, ${++count}`,
        source: text,
        flags,
        output: null,
      };
      programs.push(last);
    } else last = null;
    lastEnd = match.index + block.length;
  }
  return programs;
}

/** The file that the reader saves programs in, as the pages name it. */
const READERS_FILE = "/home/me/main.ts";
/** Where the library is on the reader's machine. */
const READERS_COPY = "/home/me/asyncio";
/** The name that Deno gives to a program that it reads from its input. */
const STDIN_FILE = "$deno$stdin.mts";

/**
 * Output with what differs from run to run made the same:
 *
 * - the path of the program becomes `/home/me/main.ts`, that of the library
 *   `/home/me/asyncio`;
 * - addresses are numbered in the order in which they come;
 * - a number with four or more decimals is a measured time, and so is what the
 *   report of a test has in parentheses;
 * - the source line and the stack below an error that nobody caught are left
 *   out, as they show the insides of the library.
 */
export function comparable(output: string, directory = ""): string {
  const addresses = new Map<string, string>();
  return output
    .replaceAll(`${directory}/${STDIN_FILE}`, READERS_FILE)
    .replaceAll(directory === "" ? READERS_COPY : directory, READERS_COPY)
    .replaceAll(/\b0x[0-9a-f]{6,}\b/g, (address) => {
      const known = addresses.get(address);
      if (known !== undefined) return known;
      const name = `0x#${addresses.size + 1}`;
      addresses.set(address, name);
      return name;
    })
    .replaceAll(/\b\d+\.\d{4,}\b/g, "0.####")
    .replaceAll(/ \(\d+(ms|s|µs|m\d+s)\)$/gm, " (0ms)")
    .replaceAll(/\S*\/main_test\.ts\b/g, "./main_test.ts")
    .replaceAll(/^.*\n *\^\n(?= {4}at )/gm, "")
    .replaceAll(/^ {4,}at .*\n/gm, "");
}

/** Whether `deno test` runs a program. */
export function isTest({ source }: Program): boolean {
  return /^\s*Deno\.test\(/m.test(source);
}

/** Runs `deno` with a program as its input, and one pipe for all its output. */
const RUN = 'exec "$@" - 2>&1';
/** The same for `deno test`, which needs a file. */
const RUN_TEST = `
  directory=$(mktemp -d)
  cat >"$directory/main_test.ts"
  "$@" "$directory/main_test.ts" 2>&1
  code=$?
  rm -r "$directory"
  exit $code`;

/** Runs a program, and gives all that it prints. */
export async function outputOf(
  program: Program,
): Promise<{ code: number; output: string }> {
  const { source, flags } = program;
  const root = new URL("..", import.meta.url).pathname;
  const [script, ...command] = isTest(program)
    ? [RUN_TEST, "test", "--no-check", `--config=${root}deno.json`]
    : [RUN, "run"];
  const child = new Deno.Command("sh", {
    args: [
      ...["-c", script, "sh", Deno.execPath(), ...command],
      ...["--no-prompt", ...flags],
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { code, stdout } = await child.output();
  const output = new TextDecoder().decode(stdout);
  return { code, output: comparable(output, root.replace(/\/$/, "")) };
}

/**
 * What a page shares with its translation: the levels of its headings, and its
 * programs without comments and texts.
 */
export function skeletonOf(markdown: string): string[] {
  const levels = markdown.replaceAll(/^```[^]*?^```$/gm, "").match(/^#+ /gm);
  const programs = programsOf(markdown).map(({ source, flags }) =>
    [...flags, source].join("\n")
      .replaceAll(
        /\/\*[^]*?\*\/|\/\/.*$|"[^"\n]*"|`[^`]*`/gm,
        (found) => found.startsWith("/") ? "" : '""',
      )
      .replaceAll(/\s+/g, " ")
  );
  return [(levels ?? []).join(""), ...programs];
}
