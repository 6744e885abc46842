// What has to be the same in two transcripts, and what cannot be.

/** Takes out what differs from run to run: addresses and places in files. */
export function withoutPlaces(transcript: string): string {
  return transcript
    .replace(/\bat 0x[0-9a-f]+/g, "at 0x…")
    .replace(/\bat (?:<frozen [^>]*>|[^\s<>]+):\d+/g, "at FILE:LINE");
}

/** Python's spellings, and this library's. */
const SPELLINGS: [python: RegExp, here: string][] = [
  [/\bRuntimeError\b/g, "Error"],
  [/\bValueError\b/g, "RangeError"],
  [/\b(?:Base)?ExceptionGroup\b/g, "AggregateError"],
  // A nested function is printed with the function that it is in.
  [/(?:\b\w+\.)+<locals>\./g, ""],
  // JavaScript does not tell where a callback is defined.
  [/\) at FILE:LINE/g, ")"],
  // A name that Python gave is not printed here.
  [/ name='Task-\d+'/g, ""],
];

/** A transcript of Python's, as this library should have it. */
export function translated(transcript: string): string {
  return SPELLINGS.reduce(
    (text, [python, here]) => text.replace(python, here),
    transcript,
  );
}

/** A transcript of this library's, in the form of a translated one. */
export function comparable(transcript: string): string {
  return withoutPlaces(transcript)
    .replace(/(?:\b\w+\.)+<locals>\./g, "");
}

/** The first line that differs, for a report; `null` if none does. */
export function firstDifference(
  expected: string,
  actual: string,
): { line: number; expected: string; actual: string } | null {
  if (expected === actual) return null;
  const left = expected.split("\n");
  const right = actual.split("\n");
  const index = left.findIndex((line, index) => line !== right[index]);
  const line = index < 0 ? left.length : index;
  return {
    line: line + 1,
    expected: left[line] ?? "(nothing)",
    actual: right[line] ?? "(nothing)",
  };
}
