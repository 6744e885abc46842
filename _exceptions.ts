import { errorText, valueText } from "./_repr.ts";
import type { ExceptionContext } from "./loop.ts";

/** The lines of a report: message, what was involved, and the error's stack. */
export function describeContext(context: ExceptionContext): string {
  const lines = [context.message || "Unhandled exception in event loop"];
  for (const key of Object.keys(context).sort()) {
    if (key === "message" || key === "exception") continue;
    lines.push(`${key}: ${valueText(context[key])}`);
  }
  if (context.exception !== undefined) lines.push(errorText(context.exception));
  return lines.join("\n");
}
