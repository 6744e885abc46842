// The links of the pages that people read lead to what there is.

import { assert, assertEquals } from "@std/assert";

const root = new URL("../..", import.meta.url);
const { state } = await Deno.permissions.query({ name: "read", path: root });
const ignore = state !== "granted";

/** Where the repository is for those who have not cloned it. */
const REPOSITORY =
  /^https:\/\/github\.com\/asyncio\/asyncio\/(blob|tree)\/main\//;

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, root));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, root));
    return true;
  } catch {
    return false;
  }
}

/** A page without its blocks of code. */
function prose(markdown: string): string {
  return markdown.replaceAll(/^ *```[^]*?^ *```$/gm, "");
}

/** The targets of the links of a page. */
function linksOf(markdown: string): string[] {
  return [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to);
}

/** What follows `#` in links to the headings of a page, as GitHub makes it. */
function anchorsOf(markdown: string): string[] {
  return [...prose(markdown).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title.toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-")
  );
}

/** The path from the root that a link of a page leads to, if it is one of ours. */
function targetOf(page: string, link: string): URL | null {
  if (REPOSITORY.test(link)) return new URL(link.replace(REPOSITORY, ""), root);
  if (/^https?:/.test(link)) return null;
  return new URL(link, new URL(page, root));
}

function problemsOf(page: string): string[] {
  return linksOf(read(page)).filter((link) => {
    const target = targetOf(page, link);
    if (target === null) return false;
    const path = target.href.slice(root.href.length).replace(/#.*/, "");
    if (!exists(path)) return true;
    const anchor = decodeURIComponent(target.hash.slice(1));
    return anchor !== "" && !anchorsOf(read(path)).includes(anchor);
  });
}

const READMES = ["README.md", "README.zh-CN.md"];

Deno.test({
  name: "every link of a page leads to a file, and to a heading of it",
  ignore,
  fn() {
    const docs = [...Deno.readDirSync(new URL("docs", root))]
      .filter(({ name }) => name.endsWith(".md"))
      .map(({ name }) => `docs/${name}`);
    const pages = [...READMES, "CONTRIBUTING.md", "bench/README.md", ...docs];
    const problems = pages.flatMap((page) =>
      problemsOf(page).map((link) => `${page}: ${link}`)
    );
    assertEquals(problems, []);
  },
});

Deno.test({
  name: "the links of a README are absolute, as JSR and npm show it too",
  ignore,
  fn() {
    for (const page of READMES) {
      const links = linksOf(read(page));
      assert(links.length > 0);
      assertEquals(links.filter((link) => !/^(https:|#)/.test(link)), []);
    }
  },
});

Deno.test("a heading has the anchor that GitHub gives it", () => {
  assertEquals(anchorsOf("# What an `await` can: cancel\n## 从 Promise 来\n"), [
    "what-an-await-can-cancel",
    "从-promise-来",
  ]);
});
