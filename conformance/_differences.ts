// DIFFERENCES.md, read: the differences from CPython that are intended.

/** One of them. */
export interface Intended {
  subject: string;
  cpython: string;
  here: string;
  why: string;
  /** The scenarios that show it. */
  scenarios: string[];
}

/**
 * Reads the sections of the document: a heading, and a list of four or five
 * items that each begin with a word in bold.
 */
export function intendedDifferences(markdown: string): Intended[] {
  const sections = markdown.split(/^## /m).slice(1);
  return sections.map((section) => {
    const end = section.indexOf("\n");
    const items = new Map(
      section.slice(end).split(/^- /m).slice(1).map((item) => {
        const [, word, text] = item.match(/^\*\*(\w+):\*\*\s+([^]*)$/)!;
        return [word, text.replace(/\s+/g, " ").trim()];
      }),
    );
    const required = (word: string) => {
      const text = items.get(word);
      if (text === undefined) {
        throw new Error(`"${section.slice(0, end)}" has no item ${word}`);
      }
      return text;
    };
    return {
      subject: section.slice(0, end).trim(),
      cpython: required("CPython"),
      here: required("Here"),
      why: required("Why"),
      scenarios: [...(items.get("Scenarios") ?? "").matchAll(/`(\w+)`/g)]
        .map(([, name]) => name),
    };
  });
}

/** The scenarios that are meant to differ. */
export function scenariosThatDiffer(markdown: string): Set<string> {
  return new Set(
    intendedDifferences(markdown).flatMap(({ scenarios }) => scenarios),
  );
}

/** The table of the README, row by row, one space around each cell. */
export function readmeRows(markdown: string): string[] {
  return intendedDifferences(markdown).map(({ subject, cpython, here }) =>
    `| ${subject} | ${cpython} | ${here} |`
  );
}
