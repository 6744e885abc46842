/** What is measured, and how many operations a round has. */
export interface Workload {
  /** The name on the command line, and the key in the modules of `peers/`. */
  readonly name: string;
  readonly title: string;
  readonly operations: number;
  /**
   * Whether all operations are alive at once. Then every peer has the same
   * number of them.
   */
  readonly alive?: true;
}

/**
 * The workloads in the order of the table. Where the time depends on how much is
 * alive at once, that is 100,000. Elsewhere a round is long enough for the
 * compiler to settle, which takes about 15 ms in a new loop.
 */
export const WORKLOADS: readonly Workload[] = [
  { name: "start", title: "start + join", operations: 100_000, alive: true },
  {
    name: "start-inline",
    title: "start + join, inline functions",
    operations: 100_000,
    alive: true,
  },
  {
    name: "start-1000",
    title: "start + join, 1,000 alive",
    operations: 100_000,
  },
  {
    name: "start-inline-1000",
    title: "start + join, 1,000 alive, inline functions",
    operations: 100_000,
  },
  { name: "sleep", title: "sleep(0), one task", operations: 1_000_000 },
  { name: "sleep-1000", title: "sleep(0), 1,000 tasks", operations: 1_000_000 },
  {
    name: "sleep-watched",
    title: "sleep(0), one task, with an instrument",
    operations: 1_000_000,
  },
  { name: "deep", title: "ten calls deep, per call", operations: 1_000_000 },
  {
    name: "deep-coroutine",
    title: "ten coroutine()s deep, per call",
    operations: 1_000_000,
  },
  { name: "ping-pong", title: "ping-pong", operations: 1_000_000 },
  {
    name: "gather",
    title: "gather of 100,000",
    operations: 100_000,
    alive: true,
  },
  { name: "call-soon", title: "callSoon", operations: 1_000_000 },
  {
    name: "timer-cancel",
    title: "timer set + cancel",
    operations: 100_000,
    alive: true,
  },
  {
    name: "timer-fire",
    title: "timer set + fire",
    operations: 100_000,
    alive: true,
  },
  {
    name: "timer-sleep",
    title: "100,000 tasks that sleep",
    operations: 100_000,
    alive: true,
  },
  { name: "queue", title: "queue, 1 to 1", operations: 1_000_000 },
  { name: "queue-100", title: "queue, 100 to 100", operations: 1_000_000 },
  { name: "lock", title: "lock, 100 tasks", operations: 1_000_000 },
  {
    name: "semaphore",
    title: "semaphore, 10,000 tasks at 100",
    operations: 100_000,
  },
  {
    name: "cancel",
    title: "cancel 100,000 sleepers",
    operations: 100_000,
    alive: true,
  },
  { name: "timeout", title: "timeout scope", operations: 1_000_000 },
  {
    name: "timeout-hoisted",
    title: "timeout scope, hoisted function",
    operations: 1_000_000,
  },
  { name: "group", title: "group of 10 tasks, per task", operations: 100_000 },
];

/** The memory per suspended task. It is measured once, not in rounds. */
export const MEMORY: Workload = {
  name: "memory",
  title: "bytes per suspended task",
  operations: 20_000,
};
