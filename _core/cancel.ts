import type { Strand } from "./await.ts";
import type { Future } from "../future.ts";
import type { Task } from "../task.ts";

/** The requests to cancel a task: what only those need that are cancelled. */
export class Requests {
  /** How many there were, less those taken back. */
  count = 0;
  /** Whether one is to be thrown in with the next step. */
  due = false;
  /** Of the last one, and of the last one that was due. */
  message: string | undefined = undefined;
  dueMessage: string | undefined = undefined;
  /** The step in which one that was due went to what the task waited for. */
  step = -1;
  controller: AbortController | null = null;
}

/** What came of passing a cancellation on. */
type Verdict =
  /** The request will reach somebody. */
  | "taken"
  /** It was done already. */
  | "done"
  /** It waits, directly or not, for the one that the request came from. */
  | "circle";

/** A future that is cancelled by cancelling others. */
interface Node {
  readonly future: Future<unknown>;
  readonly edges: Edge[];
  next: number;
  taken: boolean;
  circle: boolean;
}

/** One that a node would have cancelled, and where the node waits for it. */
interface Edge {
  /** `null` where a task just lets the others have a turn. */
  readonly target: Future<unknown> | null;
  readonly strand: Strand | null;
}

function isTask(future: Future<unknown>): future is Task<unknown> {
  return "_waits" in future;
}

/** What a cancellation of `future` goes on to; `null` if it ends there. */
function edgesOf(future: Future<unknown>): Edge[] | null {
  if (isTask(future)) {
    const edges: Edge[] = [];
    for (const strand of future["_strands"]()) {
      edges.push({ target: strand._waiting, strand });
    }
    return edges;
  }
  if ("_children" in future) {
    return (future._children as Future<unknown>[])
      .map((target) => ({ target, strand: null }));
  }
  return null;
}

/** What a task waits for, if that is one future and cancelling ends there. */
function onlyFutureOf(task: Task<unknown>): Future<unknown> | null {
  const waits = task["_waits"];
  const future = waits === null || waits instanceof Set ? null : waits._waiting;
  return future === null || isTask(future) || "_children" in future
    ? null
    : future;
}

/**
 * Cancels a task or a gathering, whatever they wait for, and so on, by
 * CPython's rules: a task counts the request and passes it to the future that
 * it waits for; when that is done already, the task gets it with its next step.
 *
 * Not by recursion, so that a chain of any length can be cancelled. In a circle
 * of tasks nobody's future could ever be cancelled: there, the last one stops
 * waiting and gets the request itself.
 */
export function cancelAll(root: Future<unknown>, message?: string): boolean {
  const only = isTask(root) ? onlyFutureOf(root) : null;
  return only === null
    ? cancelGraph(root, message)
    : cancelOne(root as Task<unknown>, only, message);
}

/** What it nearly always comes to, without all that the general case takes. */
function cancelOne(
  task: Task<unknown>,
  future: Future<unknown>,
  message: string | undefined,
): true {
  task["_countRequest"](message);
  const taken = !future.done() && future.cancel(message);
  if (!taken) task["_cancelNextStep"]();
  return true;
}

function cancelGraph(root: Future<unknown>, message?: string): boolean {
  const path: Node[] = [];
  const onPath = new Set<Future<unknown>>();

  function enter(future: Future<unknown>, edges: Edge[]): void {
    if (isTask(future)) future["_countRequest"](message);
    onPath.add(future);
    path.push({ future, edges, next: 0, taken: false, circle: false });
  }

  function leave(node: Node): Verdict {
    path.pop();
    onPath.delete(node.future);
    if (isTask(node.future)) {
      if (!node.taken) node.future["_cancelNextStep"]();
      return "taken";
    }
    if (node.taken) {
      (node.future as unknown as { _cancelRequested: boolean })
        ._cancelRequested = true;
      return "taken";
    }
    return node.circle ? "circle" : "done";
  }

  enter(root, edgesOf(root)!);
  let verdict: Verdict = "done";
  for (;;) {
    const node = path[path.length - 1];
    if (node.next === node.edges.length) {
      verdict = leave(node);
      const parent = path[path.length - 1];
      if (parent === undefined) return verdict === "taken";
      settle(parent, parent.edges[parent.next - 1], verdict);
      continue;
    }
    const edge = node.edges[node.next++];
    const { target } = edge;
    if (target === null || target.done()) {
      settle(node, edge, "done");
    } else if (onPath.has(target)) {
      settle(node, edge, "circle");
    } else {
      const edges = edgesOf(target);
      if (edges !== null) enter(target, edges);
      else settle(node, edge, target.cancel(message) ? "taken" : "done");
    }
  }
}

function settle(
  node: Node,
  { target, strand }: Edge,
  verdict: Verdict,
): void {
  if (verdict === "taken") {
    node.taken = true;
  } else if (verdict === "circle") {
    if (strand === null) {
      node.circle = true;
      return;
    }
    // Nothing will ever wake this strand: its task gets the request there. (If
    // it is not in the list any more, a request before this one has done so.)
    if (target!["_removeWaiter"](strand) > 0) strand._wakeup();
    interrupt(node, strand);
  } else if (strand !== null && node.edges.length > 1) {
    // The task waits in several places, and here it is about to run on. The
    // request must reach this one too, not just those that still wait.
    interrupt(node, strand);
  }
}

/** Has the strand, which is about to run, get the request and nothing else. */
function interrupt(node: Node, strand: Strand): void {
  const task = node.future as Task<unknown>;
  strand._waiting?.["_look"]();
  strand._waiting = task.getLoop().createFuture(); // of which nothing will come
  task["_requests"]!.dueMessage = task["_requests"]!.message;
  node.taken = true;
}
