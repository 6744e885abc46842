import { errorText, valueText } from "../_util/repr.ts";
import type { ExceptionContext } from "../loop.ts";

/** The lines of a report: message, what was involved, and the error's stack. */
export function describeContext(context: ExceptionContext): string {
  const lines = [context.message || "Unhandled exception in event loop"];
  for (const key of Object.keys(context).sort()) {
    if (key === "message" || key === "exception") continue;
    const value = context[key];
    lines.push(
      key === "context" && typeof value === "object" && value !== null
        ? `context: ${
          describeContext(value as ExceptionContext).replaceAll("\n", "\n  ")
        }`
        : `${key}: ${valueText(value)}`,
    );
  }
  if (context.exception !== undefined) lines.push(errorText(context.exception));
  return lines.join("\n");
}
