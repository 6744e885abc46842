// Removes from transcripts what cannot be the same in two of them.

/** Masks what differs from run to run: addresses, places, default names. */
export function withoutPlaces(transcript: string): string {
  return transcript
    .replace(/\bat 0x[0-9a-f]+/g, "at 0x…")
    .replace(/ name='Task-\d+'/g, " name='Task-N'")
    .replace(/\bat (?:<frozen [^>]*>|[^\s<>]+):\d+/g, "at FILE:LINE");
}

/** Prints nested functions without the function that contains them. */
function withoutLocals(transcript: string): string {
  return transcript.replace(/(?:\b\w+\.)+<locals>\./g, "");
}

/** Translates a transcript of Python into what this library should print. */
export function translated(transcript: string): string {
  return withoutLocals(transcript)
    // JavaScript's classes in place of Python's.
    .replace(/\bRuntimeError\b/g, "Error")
    .replace(/\bValueError\b/g, "RangeError")
    .replace(/\bExceptionGroup\b/g, "AggregateError")
    // Names are in camel case, and functions have no module in front of them.
    .replace(/\bset_result\b/g, "setResult")
    .replace(/\bset_exception\b/g, "setException")
    .replace(/\btask_done\b/g, "taskDone")
    .replace(/\basyncio\.(?=\w+\(\))/g, "")
    // Locks print without module and address, like queues in Python.
    .replace(/<asyncio\.locks\.(\w+) object at 0x… /g, "<$1 ")
    // JavaScript cannot tell where a callback is defined.
    .replace(/\) at FILE:LINE/g, ")")
    // Default names are not printed.
    .replace(/ name='Task-N'/g, "");
}

/** Makes a transcript of this library comparable with a translated one. */
export function comparable(transcript: string): string {
  return withoutLocals(withoutPlaces(transcript));
}

/** The first difference between two texts. */
export interface Difference {
  line: number;
  expected: string;
  actual: string;
}

/** Returns the first line that differs, or `null` if the texts are equal. */
export function firstDifference(
  expected: string,
  actual: string,
): Difference | null {
  if (expected === actual) return null;
  const left = expected.split("\n");
  const right = actual.split("\n");
  let index = 0;
  while (left[index] === right[index]) index++;
  const line = (lines: string[]) => lines[index] ?? "(nothing)";
  return { line: index + 1, expected: line(left), actual: line(right) };
}
