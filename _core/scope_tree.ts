// Copyright 2026 the asyncio authors. MIT license.

/**
 * The tree of scopes of a task.
 *
 * Invariant: following `$outerScope` from any scope leads to its task.
 */

/** A node of the tree of scopes of a task; the task is its root. */
export interface ScopeNode {
  /** `null` for the root. */
  readonly $outerScope: ScopeNode | null;
  /** Whether its body is over; of a task, whether it is done. */
  readonly $isLeft: boolean;
}

/** Whether `scope` is `outer` or inside it. */
export function isWithin(scope: ScopeNode | null, outer: ScopeNode): boolean {
  while (scope !== null) {
    if (scope === outer) return true;
    scope = scope.$outerScope;
  }
  return false;
}
