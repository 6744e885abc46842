import { assert, assertEquals } from "@std/assert";
import {
  createTask,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueShutDown,
  sleep,
  type Task,
} from "@asyncio/asyncio";
import { inKind, type Script, testKinds } from "../_helpers.ts";
import { randomly, testSweep, testThreeWaiters, untilDone } from "../_sweep.ts";

const KINDS_OF_QUEUES: Record<string, new (maxsize?: number) => Queue<number>> =
  { Queue, LifoQueue, PriorityQueue };

function ascending(items: number[]): number[] {
  return items.toSorted((a, b) => a - b);
}

/** Takes all items of a queue. */
function drain<T>(queue: Queue<T>): T[] {
  return Array.from({ length: queue.qsize() }, () => queue.getNowait());
}

// One of a few tasks is cancelled

for (const [name, Class] of Object.entries(KINDS_OF_QUEUES)) {
  testSweep(`${name}.get(): no item is lost or delivered twice`, () => {
    const queue = new Class();
    const got: number[] = [];
    return {
      scripts: [0, 1, 2].map(() =>
        function* getter(): Script<void> {
          got.push(yield queue.get());
          yield sleep(0);
          got.push(yield queue.get());
        }
      ),
      *director() {
        for (let i = 0; i < 6; i++) {
          if (i % 2 === 0) yield sleep(0);
          queue.putNowait(i);
        }
        yield sleep(1);
      },
      check(tasks: Task<unknown>[]) {
        // All other tasks have ended, so they got their items.
        const enough = tasks.some((task) => task.cancelled()) ? 4 : 6;
        assert(got.length >= enough);
        assertEquals(ascending([...got, ...drain(queue)]), [0, 1, 2, 3, 4, 5]);
        assertEquals(String(queue), `<${name} maxsize=0 tasks=6>`);
      },
    };
  });

  testSweep(
    `${name}.put(): an item is in the queue if and only if put() ended`,
    () => {
      const queue = new Class(1);
      const put: number[] = [];
      const got: number[] = [];
      return {
        scripts: [0, 1, 2].map((index) =>
          function* putter(): Script<void> {
            for (const item of [index, index + 3]) {
              yield queue.put(item);
              put.push(item);
            }
          }
        ),
        *director() {
          for (let i = 0; i < 20; i++) {
            yield sleep(i % 2);
            if (!queue.empty()) got.push(queue.getNowait());
          }
        },
        check(tasks: Task<unknown>[]) {
          assertEquals(got, put);
          const enough = tasks.some((task) => task.cancelled()) ? 4 : 6;
          assert(put.length >= enough);
          assertEquals(
            String(queue),
            `<${name} maxsize=1 tasks=${put.length}>`,
          );
        },
      };
    },
  );

  testSweep(`${name}: each item of two producers is consumed once`, () => {
    const queue = new Class(1);
    const put: number[] = [];
    const got: number[] = [];
    let producers = 2;
    const producer = (first: number) =>
      function* producer(): Script<void> {
        try {
          for (let item = first; item < first + 3; item++) {
            yield queue.put(item);
            put.push(item);
          }
        } finally {
          if (--producers === 0) queue.shutdown();
        }
      };
    function* consumer(): Script<void> {
      for (;;) {
        try {
          got.push(yield queue.get());
        } catch (error) {
          if (error instanceof QueueShutDown) return;
          throw error;
        }
        yield sleep(0);
        queue.taskDone();
      }
    }
    return {
      scripts: [producer(0), producer(10), consumer, consumer],
      *director() {
        // A producer that is cancelled before it begins does not count down.
        yield sleep(5);
        if (!queue.$state.isShutDown) queue.shutdown();
      },
      check() {
        assert(queue.empty(), "one consumer is enough for all items");
        assertEquals(ascending(got), ascending(put));
        for (const from of [put, got]) {
          for (const first of [0, 10]) {
            const own = from.filter((item) => item - item % 10 === first);
            assertEquals(own, ascending(own));
          }
        }
      },
    };
  });
}

testSweep("Queue.join(): all other tasks are woken", () => {
  const queue = new Queue<number>();
  queue.putNowait(1);
  return {
    scripts: [0, 1, 2].map(() =>
      function* joiner(): Script<void> {
        yield queue.join();
        yield sleep(0);
      }
    ),
    *director() {
      yield sleep(0);
      yield sleep(0);
      queue.taskDone();
    },
    check() {
      assertEquals(String(queue.$state.joiners.size), "0");
    },
  };
});

testSweep("Queue.shutdown(): all other tasks get QueueShutDown", () => {
  const [empty, full] = [new Queue<number>(), new Queue<number>(1)];
  full.putNowait(1);
  let thrown = 0;
  return {
    scripts: [0, 1, 2, 3].map((index) =>
      function* waiter(): Script<void> {
        try {
          yield index % 2 ? empty.get() : full.put(index);
        } catch (error) {
          if (!(error instanceof QueueShutDown)) throw error;
          thrown++;
        }
      }
    ),
    *director() {
      yield sleep(0);
      yield sleep(0);
      empty.shutdown();
      full.shutdown();
    },
    check(tasks: Task<unknown>[]) {
      const cancelled = tasks.filter((task) => task.cancelled()).length;
      assertEquals(thrown, 4 - cancelled);
      assertEquals(String(empty), "<Queue maxsize=0 shutdown>");
      assertEquals(
        String(full),
        "<Queue maxsize=1 _queue=[1] tasks=1 shutdown>",
      );
    },
  };
});

for (const [name, Class] of Object.entries(KINDS_OF_QUEUES)) {
  testThreeWaiters(`${name}.get()`, () => {
    const queue = new Class();
    return {
      *wait() {
        yield queue.get();
      },
      *wake() {
        queue.putNowait(1);
      },
      check: () => assert(queue.empty()),
    };
  });

  testThreeWaiters(`${name}.put()`, () => {
    const queue = new Class(1);
    queue.putNowait(10);
    return {
      *wait(index) {
        yield queue.put(index);
      },
      *wake() {
        queue.getNowait();
      },
      check: () => assert(queue.full()),
    };
  });
}

testThreeWaiters("Queue.join()", () => {
  const queue = new Queue<number>();
  queue.putNowait(1);
  return {
    *wait() {
      yield queue.join();
    },
    *wake() {
      queue.taskDone();
    },
    all: true,
  };
});

// Many tasks

const SEED = 20_250_705;
const TASKS = 1000;

for (const [name, Class] of Object.entries(KINDS_OF_QUEUES)) {
  for (const maxsize of [0, 3]) {
    testKinds(
      `${name}(${maxsize}): ${TASKS} tasks that put, get and are cancelled lose no item`,
      async (kind) => {
        const random = randomly(SEED);
        const queue = new Class(maxsize);
        const put: number[] = [];
        const got: number[] = [];
        let cancelled = 0;
        let next = 0;
        const producer = inKind(kind, function* producer(): Script<void> {
          for (let i = 0; i < 4; i++) {
            yield sleep(random(4));
            const item = next++;
            yield queue.put(item);
            put.push(item);
            assert(maxsize === 0 || queue.qsize() <= maxsize, "too many items");
          }
        });
        const consumer = inKind(kind, function* consumer(): Script<void> {
          for (;;) {
            if (random(2) === 0) yield sleep(random(4));
            got.push(yield queue.get());
            queue.taskDone();
          }
        });
        await untilDone(async () => {
          const tasks = Array.from(
            { length: TASKS },
            (_, i) => createTask(i % 2 ? producer() : consumer()),
          );
          const spare = createTask(consumer()); // never cancelled
          const producers = tasks.filter((_, i) => i % 2);
          await sleep(0.5); // no other task runs between whole seconds
          while (producers.some((task) => !task.done())) {
            for (let i = 0; i < 40; i++) {
              if (tasks[random(TASKS)].cancel()) cancelled++;
            }
            await sleep(1);
            assert(
              queue.$state.getters.size === 0 || queue.empty(),
              "a task waits although there is an item",
            );
            assert(
              queue.$state.putters.size === 0 || queue.full(),
              "a task waits although there is room",
            );
          }
          await queue.join();
          assert(queue.empty());
          queue.shutdown();
          await sleep(5);
          for (const task of [...tasks, spare]) {
            assert(task.done(), "a task did not get QueueShutDown");
            if (task.cancelled()) continue;
            const error = task.exception();
            assert(
              error === null || error instanceof QueueShutDown,
              `${error}`,
            );
          }
        });
        assertEquals(ascending(got), ascending(put));
        assert(cancelled > TASKS / 20, `only ${cancelled} were cancelled`);
        assert(put.length > TASKS, `only ${put.length} items were put`);
        assertEquals(String(queue), `<${name} maxsize=${maxsize} shutdown>`);
      },
    );
  }
}

testKinds(
  `Queue: ${TASKS} tasks that put and get keep first in, first out`,
  async (kind) => {
    const random = randomly(SEED);
    const queue = new Queue<number>(5);
    let next = 0;
    const got: number[] = [];
    const producer = inKind(kind, function* producer(): Script<void> {
      yield sleep(random(50));
      for (let i = 0; i < 3; i++) {
        // put() could do it out of order: it puts the item in when it is woken.
        while (queue.full()) yield sleep(random(3));
        queue.putNowait(next++);
      }
    });
    const consumer = inKind(kind, function* consumer(): Script<void> {
      yield sleep(random(50));
      for (let i = 0; i < 3; i++) {
        const item: number = yield queue.get();
        got.push(item);
      }
    });
    await untilDone(async () => {
      const tasks = Array.from(
        { length: TASKS },
        (_, i) => createTask(i % 2 ? producer() : consumer()),
      );
      for (const task of tasks) await task;
    });
    assertEquals(got, Array.from({ length: 3 * TASKS / 2 }, (_, i) => i));
  },
);
