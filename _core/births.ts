// Copyright 2026 the asyncio authors. MIT license.

/**
 * What is made that has to be used, left or closed: coroutines, scopes and
 * executors. Tests find out what is not.
 *
 * Invariant: without a test, making one of them costs a check for `null`.
 */

/** Something that must not stay open. */
export interface Openable {
  /** Whether it is still to be used, left or closed. Called by `_testing/`. */
  $isOpen(): boolean;
  /** What to say of it if it stays so. Called by `_testing/`. */
  $leftText(): string;
  /** Closes it after all, if that can be done. Called by `_testing/`. */
  $closeLeft?(): void;
}

type Watcher = (thing: Openable) => void;

const watchers = new Set<Watcher>();

export const births: {
  /** Tells all watchers of what was made; `null` without any. */
  note: Watcher | null;
  /** How many tasks have been numbered for their names. */
  taskCount: number;
} = { note: null, taskCount: 0 };

function tellAll(thing: Openable): void {
  for (const watcher of watchers) watcher(thing);
}

/**
 * Is told of all that is made from now on, in any loop.
 *
 * @returns A function that ends it.
 */
export function watchBirths(watcher: Watcher): () => void {
  watchers.add(watcher);
  births.note = tellAll;
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) births.note = null;
  };
}

/**
 * Calls what makes such things for the library itself: nobody is told, and the
 * next task of the program has the next number.
 */
export function untold(make: () => void): void {
  const { note, taskCount } = births;
  births.note = null;
  try {
    make();
  } finally {
    births.note = note;
    births.taskCount = taskCount;
  }
}
