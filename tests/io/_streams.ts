/** The bytes of a text. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The text of some bytes. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A stream that gives these chunks, one each time that it is asked. */
export function chunked(
  ...chunks: (string | Uint8Array)[]
): ReadableStream<Uint8Array> {
  const left = chunks.map((chunk) =>
    typeof chunk === "string" ? bytes(chunk) : chunk
  );
  return new ReadableStream({
    pull(controller) {
      const chunk = left.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}
