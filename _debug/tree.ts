// Copyright 2026 the asyncio authors. MIT license.

import {
  findCycles,
  type FrameReport,
  type TaskReport,
} from "./process_report.ts";

/** Deeper than this, a tree is cut: nobody reads on, and lines get long. */
const MAX_DEPTH = 200;

/** A line of the tree: a task, a coroutine, or what is waited for. */
class Node {
  readonly label: string;
  readonly children: Set<Node> = new Set();
  /** Those of them that a race waits for: any one of them is enough. */
  readonly racing: Set<Node> = new Set();
  /** The coroutines among the children, by their labels. */
  readonly #coroutines = new Map<string, Node>();

  constructor(label: string) {
    this.label = label;
  }

  /** The child for a coroutine; tasks that wait in the same place share it. */
  coroutine(label: string): Node {
    let node = this.#coroutines.get(label);
    if (node === undefined) {
      // Two blanks: CPython has room for a mark of coroutines, and none.
      node = new Node(` ${label}`);
      this.#coroutines.set(label, node);
      this.children.add(node);
    }
    return node;
  }
}

/** The node below another one at the end of a stack, innermost frame first. */
function under(node: Node, stack: readonly FrameReport[]): Node {
  return stack.reduceRight(
    (outer, frame) => outer.coroutine(frameText(frame)),
    node,
  );
}

function frameText({ name, file, line }: FrameReport): string {
  return file === "" ? name : `${name} ${file}:${line}`;
}

/** Who waits for whom in circles: pairs of addresses. */
function steps(cycles: string[][]): Set<string> {
  return new Set(
    cycles.flatMap((ids) => ids.slice(1).map((id, i) => `${ids[i]} ${id}`)),
  );
}

/** The nodes of all tasks, by their addresses, with what they wait for. */
function nodesOf(tasks: readonly TaskReport[]): Map<string, Node> {
  const nodes = new Map(
    tasks.map(({ id, name }) => [id, new Node(`(T) ${name}`)]),
  );
  for (const { id, awaitedBy } of tasks) {
    for (const awaiter of awaitedBy) {
      const parent = nodes.get(awaiter.id);
      if (parent === undefined) continue;
      const inner = under(parent, awaiter.stack);
      inner.children.add(nodes.get(id)!);
      if (awaiter.isOneOf) inner.racing.add(nodes.get(id)!);
    }
  }
  const cyclic = steps(findCycles(tasks));
  for (const { id, waits } of tasks) {
    for (const { stack, waitsFor, heldBy } of waits) {
      const inner = under(nodes.get(id)!, stack);
      if (waitsFor === "") continue;
      const isCyclic = heldBy.some((holder) => cyclic.has(`${id} ${holder}`));
      inner.coroutine(isCyclic ? `${waitsFor} (cycle)` : waitsFor);
    }
  }
  return nodes;
}

/**
 * The lines of a tree of tasks, as `python -m asyncio pstree` prints it: what is
 * waited for stands below what waits.
 *
 * Where CPython refuses to print a circle, the tree is cut and the task marked
 * with `(cycle)`; so is a lock that closes one. What several tasks wait for is printed below the first, and
 * then marked with `(see above)`.
 */
export function treeLines(tasks: readonly TaskReport[]): string[] {
  const nodes = nodesOf(tasks);
  const awaited = new Set(
    tasks.filter(({ awaitedBy }) => awaitedBy.some(({ id }) => nodes.has(id)))
      .map(({ id }) => id),
  );
  const printer = new Printer();
  for (const [id, node] of nodes) if (!awaited.has(id)) printer.print(node);
  // What is left are circles, and what they wait for; and what races go round.
  const cycles = findCycles(tasks);
  for (const id of [...cycles.map(([id]) => id), ...nodes.keys()]) {
    const node = nodes.get(id);
    if (node !== undefined && !printer.printed.has(node)) printer.print(node);
  }
  return printer.lines;
}

/** A node that is about to be printed, or whose subtree has been printed. */
interface Visit {
  node: Node;
  prefix: string;
  isLast: boolean;
  depth: number;
  isOver: boolean;
}

/** Prints trees, without recursion: a chain of tasks may have any length. */
class Printer {
  readonly lines: string[] = [];
  readonly printed = new Set<Node>();
  readonly #path = new Set<Node>();
  print(root: Node): void {
    const todo: Visit[] = [
      { node: root, prefix: "", isLast: true, depth: 0, isOver: false },
    ];
    for (let visit = todo.pop(); visit !== undefined; visit = todo.pop()) {
      const { node, prefix, isLast, depth, isOver } = visit;
      if (isOver) {
        this.#path.delete(node);
        continue;
      }
      const { children } = node;
      const isCut = depth >= MAX_DEPTH && children.size > 0;
      const note = this.#path.has(node)
        ? this.#isCycle(node) ? " (cycle)" : " (see above)"
        : this.printed.has(node) && children.size > 0
        ? " (see above)"
        : isCut
        ? " ..."
        : "";
      this.lines.push(
        `${prefix}${isLast ? "└── " : "├── "}${node.label}${note}`,
      );
      this.printed.add(node);
      if (note !== "") {
        if (isCut) this.#skip(node);
        continue;
      }
      this.#path.add(node);
      todo.push({ ...visit, isOver: true });
      const inner = prefix + (isLast ? "    " : "│   ");
      let isLastChild = true;
      for (const child of [...children].reverse()) {
        todo.push({
          node: child,
          prefix: inner,
          isLast: isLastChild,
          depth: depth + 1,
          isOver: false,
        });
        isLastChild = false;
      }
    }
  }

  /** Whether the path that leads back to a node goes through no race. */
  #isCycle(node: Node): boolean {
    const path = [...this.#path];
    const round = [...path.slice(path.indexOf(node)), node];
    return round.every((inner, i) => !inner.racing.has(round[i + 1]));
  }

  /** What is cut off is not printed again as a tree of its own. */
  #skip(node: Node): void {
    const todo = [node];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      for (const child of next.children) {
        if (this.printed.has(child)) continue;
        this.printed.add(child);
        todo.push(child);
      }
    }
  }
}
