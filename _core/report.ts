// Copyright 2026 the asyncio authors. MIT license.

import { errorText } from "../_host/printing.ts";
import { valueText } from "../_util/repr.ts";
import type { Report } from "./protocols.ts";

/**
 * Returns the lines of a report: the message, what was involved, and the stack
 * of the error.
 */
export function reportText(context: Report): string {
  const lines = [context.message || "Unhandled exception in event loop"];
  for (const key of Object.keys(context).sort()) {
    if (key === "message" || key === "exception") continue;
    const value = context[key];
    lines.push(
      key === "context" && typeof value === "object" && value !== null
        ? `context: ${reportText(value as Report).replaceAll("\n", "\n  ")}`
        : `${key}: ${valueText(value)}`,
    );
  }
  if (context.exception !== undefined) lines.push(errorText(context.exception));
  return lines.join("\n");
}
