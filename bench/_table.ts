/** A Markdown table that is readable as plain text too. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length))
  );
  const line = (row: string[]) =>
    `| ${
      row.map((cell, column) =>
        column === 0
          ? cell.padEnd(widths[column])
          : cell.padStart(widths[column])
      ).join(" | ")
    } |`;
  const rule = `| ${
    widths.map((width, column) =>
      column === 0 ? "-".repeat(width) : "-".repeat(width - 1) + ":"
    ).join(" | ")
  } |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** `12,345`, `123`, `12.3` */
export function quantity(value: number | undefined): string {
  if (value === undefined) return "";
  return value.toLocaleString("en-US", {
    maximumFractionDigits: value < 100 ? 1 : 0,
  });
}

/** `42`, `4.2`, `0.42` */
export function ratio(value: number): string {
  if (Number.isNaN(value)) return ""; // one of the two values was not measured
  if (value >= 10) return value.toFixed(0);
  return value.toFixed(value >= 1 ? 1 : 2);
}
