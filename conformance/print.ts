// Python's `print()` and `repr()`, so that both halves of a scenario print the
// same. They do not use the library's own, which some scenarios test.

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return mark === '"' ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

function errorRepr(error: Error): string {
  const { name } = error.constructor;
  if (error instanceof AggregateError) {
    // Python adds the number of errors in `str()`, but not in `repr()`.
    const message = error.message.replace(/ \(\d+ sub-exceptions?\)$/, "");
    return `${name}(${quote(message)}, ${repr(error.errors)})`;
  }
  return `${name}(${error.message === "" ? "" : quote(error.message)})`;
}

/** The text of bytes: ASCII as it is, the rest escaped. */
function bytesRepr(bytes: Uint8Array): string {
  const text = Array.from(
    bytes,
    (byte) =>
      byte >= 32 && byte < 127 || byte === 10
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
  return `b${quote(text)}`;
}

/** Python's `repr()`. */
export function repr(value: unknown): string {
  if (value === undefined || value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return quote(value);
  if (value instanceof Uint8Array) return bytesRepr(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Error) return errorRepr(value);
  return String(value);
}

/** Python's `str()`. */
function str(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === "string" ? value : repr(value);
}

/** Python's `print()`. */
export function print(...values: unknown[]): void {
  console.log(values.map(str).join(" "));
}

/** Python's `bytes.decode()`. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
