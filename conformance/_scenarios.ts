// The files of the scenarios, and how the async halves are derived.

const FOLDER = new URL("./scenarios/", import.meta.url);

/** The subjects in the order of the table, by the first word of the names. */
const SUBJECTS: Record<string, string> = {
  callbacks: "callbacks and order",
  futures: "futures",
  tasks: "tasks and their states",
  cancel: "cancellation",
  gather: "gather",
  wait: "wait",
  shield: "shield",
  waitfor: "waitFor",
  ascompleted: "asCompleted",
  timeouts: "timeouts",
  groups: "task groups",
  locks: "locks",
  queues: "queues and shutdown",
  eager: "eager tasks",
  handler: "exception handler contexts",
  run: "run and Runner",
  repr: "repr texts",
  streams: "streams",
};

/** The styles of the TypeScript half, and the endings of their files. */
export const STYLES = { generator: ".ts", async: ".async.ts" } as const;

/** The subject of a scenario. */
export function subjectOf(name: string): string {
  const subject = SUBJECTS[name.split("_")[0]];
  if (subject === undefined) {
    throw new Error(`Cannot tell the subject of ${name}: see SUBJECTS`);
  }
  return subject;
}

/** The names of all scenarios, by subject. */
export function scenarioNames(): string[] {
  const order = Object.keys(SUBJECTS);
  const place = (name: string) => order.indexOf(name.split("_")[0]);
  return [...Deno.readDirSync(FOLDER)]
    .map((entry) => entry.name)
    .filter((name) => name.endsWith(".py"))
    .map((name) => name.slice(0, -".py".length))
    .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/** The URL of a file of a scenario, given the ending of its name. */
export function fileOf(name: string, ending: string): URL {
  return new URL(name + ending, FOLDER);
}

/** The text of a file of a scenario, or `null` if there is no such file. */
export function textOf(name: string, ending: string): string | null {
  try {
    return Deno.readTextFileSync(fileOf(name, ending));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The Python halves, by the names of the scenarios. */
export function pythonSources(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, textOf(name, ".py")!]));
}

/** Formats TypeScript in the style of the project. */
export async function formatted(source: string): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { success, stdout } = await process.output();
  if (!success) throw new Error("deno fmt failed");
  return new TextDecoder().decode(stdout);
}

/** The second line of a derived file, which must not be edited by hand. */
function origin(file: string): string {
  return `// Derived from ${file} by \`deno task conformance --record\`.`;
}

/** Turns a module in the generator style into one in the async style. */
export async function inAsyncStyle(
  file: string,
  source: string,
): Promise<string> {
  const [claim, ...rest] = source.split("\n");
  const body = rest.join("\n")
    .replaceAll("function*", "async function")
    .replaceAll("yield* ", "await ")
    .replace(/\bGenerator<unknown, (\w+), unknown>/g, "Promise<$1>");
  const title = claim.replace("generator style", "async style");
  return await formatted(`${title}\n${origin(file)}\n${body}`);
}

/** The async half of a scenario, or `null` if it is for generators only. */
export async function derivedAsync(name: string): Promise<string | null> {
  const source = textOf(name, STYLES.generator)!;
  return source.includes("// Generators only:")
    ? null
    : await inAsyncStyle(name + STYLES.generator, source);
}
