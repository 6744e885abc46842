// Reads the intended differences from CPython out of DIFFERENCES.md.

/** An intended difference from CPython. */
export interface Intended {
  subject: string;
  cpython: string;
  here: string;
  why: string;
  /** The scenarios that show it. */
  scenarios: string[];
}

/**
 * Reads the sections of the document. Each has a heading and a list of three or
 * four items, and each item begins with a bold word.
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

/** The names of the scenarios that differ on purpose. */
export function scenariosThatDiffer(markdown: string): Set<string> {
  return new Set(
    intendedDifferences(markdown).flatMap(({ scenarios }) => scenarios),
  );
}

/** The rows of the README's table, with one space around each cell. */
export function readmeRows(markdown: string): string[] {
  return intendedDifferences(markdown).map(({ subject, cpython, here }) =>
    `| ${subject} | ${cpython} | ${here} |`
  );
}
