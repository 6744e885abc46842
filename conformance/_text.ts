// What has to be the same in two transcripts, and what cannot be.

/** Takes out what differs from run to run: addresses, places, counted names. */
export function withoutPlaces(transcript: string): string {
  return transcript
    .replace(/\bat 0x[0-9a-f]+/g, "at 0x…")
    .replace(/ name='Task-\d+'/g, " name='Task-N'")
    .replace(/\bat (?:<frozen [^>]*>|[^\s<>]+):\d+/g, "at FILE:LINE");
}

/** A nested function is printed without the function that it is in. */
function withoutLocals(transcript: string): string {
  return transcript.replace(/(?:\b\w+\.)+<locals>\./g, "");
}

/** A recorded transcript of Python's, as this library should have it. */
export function translated(transcript: string): string {
  return withoutLocals(transcript)
    // The classes of JavaScript that stand for those of Python.
    .replace(/\bRuntimeError\b/g, "Error")
    .replace(/\bValueError\b/g, "RangeError")
    .replace(/\bExceptionGroup\b/g, "AggregateError")
    // Names are in camel case, and functions of the module stand by themselves.
    .replace(/\bset_result\b/g, "setResult")
    .replace(/\bset_exception\b/g, "setException")
    .replace(/\btask_done\b/g, "taskDone")
    .replace(/\basyncio\.(?=\w+\(\))/g, "")
    // Locks print without module and address, as queues do in Python.
    .replace(/<asyncio\.locks\.(\w+) object at 0x… /g, "<$1 ")
    // JavaScript does not tell where a callback is defined.
    .replace(/\) at FILE:LINE/g, ")")
    // A name that the user did not give is not printed.
    .replace(/ name='Task-N'/g, "");
}

/** A transcript of this library's, in the form of a translated one. */
export function comparable(transcript: string): string {
  return withoutLocals(withoutPlaces(transcript));
}

/** Where two texts begin to differ. */
export interface Difference {
  line: number;
  expected: string;
  actual: string;
}

/** The first line in which they differ; `null` if there is none. */
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
