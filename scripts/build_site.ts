// Makes the reference as a web site, in site/: `deno task doc:html`.
//
// deno doc puts symbols into categories only if all of them come from one .d.ts
// file. So this writes one that re-exports every entry of the package.

import config from "../deno.json" with { type: "json" };

/** What `@category` of a public symbol can be. */
const CATEGORIES = [
  "Call graph",
  "Coroutines",
  "Debugging",
  "Errors",
  "Event loop",
  "Futures",
  "Groups",
  "Locks",
  "Processes",
  "Queues",
  "Rates and retries",
  "Running",
  "Streams",
  "Tasks",
  "Testing",
  "Threads",
  "Time limits",
  "Tracing",
  "Waiting",
];

/** Pages that are not those of a category. */
const OTHER_PAGES = ["all_symbols.html", "index.html"];

const ROOT = new URL("..", import.meta.url);
const SITE = new URL("site/", ROOT);

/** The documentation of `mod.ts`, which is that of the whole package. */
function moduleDoc(): string {
  const text = Deno.readTextFileSync(new URL("mod.ts", ROOT));
  return /\/\*\*[^]*?\*\//.exec(text)![0];
}

/** The text of the file that re-exports all entries. */
function entryText(): string {
  const exports = Object.values(config.exports)
    .map((path) => `export * from "${new URL(path, ROOT)}";`);
  return [moduleDoc(), ...exports, ""].join("\n");
}

/** Has deno doc make the site. */
async function build(): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const entry = `${directory}/asyncio.d.ts`;
    await Deno.writeTextFile(entry, entryText());
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--html", `--name=${config.name}`, "--output=site", entry],
      cwd: ROOT,
    }).spawn().status;
    if (!success) throw new Error("deno doc has failed");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The page of a category, as deno doc calls it. */
function pageOf(category: string): string {
  return `${category.toLowerCase().replaceAll(" ", "-")}.html`;
}

/** What is wrong with the categories of the site, if anything is. */
function problems(): string[] {
  const expected = new Map(CATEGORIES.map((name) => [pageOf(name), name]));
  const pages = [...Deno.readDirSync(SITE)].map(({ name }) => name)
    .filter((name) => name.endsWith(".html") && !OTHER_PAGES.includes(name));
  return [
    ...pages.filter((page) => !expected.has(page)).map((page) =>
      page === "uncategorized.html"
        ? `site/${page} lists symbols without @category`
        : `site/${page} is of a category that CATEGORIES does not have`
    ),
    ...[...expected].filter(([page]) => !pages.includes(page))
      .map(([, category]) => `nothing is in the category ${category}`),
  ];
}

await build();
const found = problems();
for (const problem of found) console.error(problem);
if (found.length > 0) Deno.exit(1);
