// Limits, start(), and the newer locks and queues: cancelled at every wait, and
// under many schedules.

import { assert, assertEquals } from "@std/assert";
import {
  asCompleted,
  Broadcast,
  createTask,
  gather,
  getRunningLoop,
  RateLimiter,
  retry,
  RWLock,
  sleep,
  type Task,
  taskGroup,
} from "@asyncio/asyncio";
import { cancelEverywhere, explore } from "@asyncio/asyncio/testing";

/** A program, and what must hold when it is over, cancelled or not. */
interface Program {
  name: string;
  make(): { body: () => Promise<unknown>; check: () => void };
}

/** Counts what is open, and the most that was at once. */
class Gauge {
  open = 0;
  most = 0;

  async during<T>(work: () => PromiseLike<T>): Promise<T> {
    this.most = Math.max(this.most, ++this.open);
    try {
      return await work();
    } finally {
      this.open--;
    }
  }
}

function* source(
  gauge: Gauge,
  sources: Gauge,
  count: number,
): Generator<() => Promise<number>> {
  sources.open++;
  try {
    for (let i = 0; i < count; i++) {
      yield () => gauge.during(() => sleep(i % 3, i));
    }
  } finally {
    sources.open--;
  }
}

async function* asyncSource(
  gauge: Gauge,
  sources: Gauge,
  count: number,
): AsyncGenerator<() => Promise<number>> {
  for (const job of source(gauge, sources, count)) {
    await sleep(0);
    yield job;
  }
}

/** Runs tasks that end together, unlike those of a gathering that fails. */
async function together(...parts: (() => Promise<void>)[]): Promise<void> {
  await taskGroup(async (group) => {
    for (const part of parts) group.createTask(part);
  });
}

const PROGRAMS: Program[] = [
  ...[source, asyncSource].flatMap((make): Program[] => [
    {
      name: `gather() with a limit of ${make.name}`,
      make() {
        const [jobs, sources] = [new Gauge(), new Gauge()];
        return {
          async body() {
            const pulled = make(jobs, sources, 5) as Iterable<
              () => Promise<number>
            >;
            try {
              const results = await gather(pulled, { limit: 2 });
              assertEquals(results, [0, 1, 2, 3, 4]);
            } finally {
              await sleep(9); // when one is cancelled, the others go on
            }
          },
          check() {
            assertEquals([jobs.open, sources.open], [0, 0]);
            assert(jobs.most <= 2);
          },
        };
      },
    },
    {
      name: `asCompleted() with a limit of ${make.name}`,
      make() {
        const [jobs, sources] = [new Gauge(), new Gauge()];
        return {
          async body() {
            const pulled = make(jobs, sources, 5) as Iterable<
              () => Promise<number>
            >;
            const tasks: Task<number>[] = [];
            try {
              const results = new Set<number>();
              for await (const task of asCompleted(pulled, { limit: 2 })) {
                tasks.push(task as Task<number>);
                results.add((task as Task<number>).result());
              }
              assertEquals(results.size, 5);
            } finally {
              await sleep(9); // leaving the loop cancels nothing
            }
          },
          check() {
            assertEquals([jobs.open, sources.open], [0, 0]);
            assert(jobs.most <= 2);
          },
        };
      },
    },
  ]),
  {
    name: "taskGroup() with a limit, and start()",
    make() {
      const jobs = new Gauge();
      return {
        async body() {
          await taskGroup(async (group) => {
            for (let i = 0; i < 3; i++) {
              group.createTask(() => jobs.during(() => sleep(1)));
            }
            const value = await group.start(
              async (started: (n: number) => void) => {
                await jobs.during(async () => {
                  await sleep(1);
                  started(1);
                  await sleep(1);
                });
              },
            );
            assertEquals(value, 1);
          }, { limit: 2 });
        },
        check() {
          assertEquals(jobs.open, 0);
          assert(jobs.most <= 2);
        },
      };
    },
  },
  {
    name: "RWLock",
    make() {
      const lock = new RWLock();
      const [readers, writers] = [new Gauge(), new Gauge()];
      async function read() {
        using _ = await lock.acquireRead();
        await readers.during(async () => {
          assertEquals(writers.open, 0);
          await sleep(1);
        });
      }
      async function write() {
        using _ = await lock.acquireWrite();
        await writers.during(async () => {
          assertEquals([readers.open, writers.open], [0, 1]);
          await sleep(1);
        });
      }
      return {
        body: () => together(read, write, read, read, write, read),
        check() {
          assertEquals([readers.open, writers.open], [0, 0]);
          assertEquals(String(lock), "<RWLock [unlocked]>");
          assertEquals(lock["_claims"].size, 0);
        },
      };
    },
  },
  {
    name: "RateLimiter",
    make() {
      const limiter = new RateLimiter(2, 1);
      const times: number[] = [];
      async function work() {
        await limiter.acquire();
        times.push(getRunningLoop().time());
      }
      return {
        body: () => together(work, work, work, work, work),
        check() {
          for (const [index, time] of times.entries()) {
            assert(time - (times[index - 2] ?? -Infinity) >= 1 - 1e-6);
          }
          assertEquals(String(limiter), "<RateLimiter [rate:2, per:1]>");
        },
      };
    },
  },
  {
    name: "Broadcast",
    make() {
      const news = new Broadcast<number>();
      const all = news.subscribe();
      const got: number[][] = [[], []];
      async function follow(index: number) {
        using items = news.subscribe({ maxsize: 1 });
        for await (const item of items) {
          got[index].push(item);
          await sleep(index);
        }
      }
      async function publish(first: number) {
        await sleep(0);
        await news.publish(first);
        await news.publish(first + 1);
      }
      return {
        async body() {
          await taskGroup(async (group) => {
            for (const index of [0, 1]) group.createTask(() => follow(index));
            try {
              await together(() => publish(10), () => publish(20));
            } finally {
              news.shutdown();
            }
          });
        },
        check() {
          news.shutdown();
          const items = Array.from(
            { length: all.qsize() },
            () => all.getNowait(),
          );
          assertEquals(new Set(items).size, items.length);
          for (const own of got) assertEquals(own, items.slice(0, own.length));
          assertEquals(String(news), "<Broadcast subscribers=0 shutdown>");
        },
      };
    },
  },
  {
    name: "retry()",
    make() {
      const attempts = new Gauge();
      return {
        async body() {
          await retry((attempt) =>
            attempts.during(async () => {
              await sleep(1);
              if (attempt < 3) throw new Error("busy");
            })
          );
        },
        check: () => assertEquals([attempts.open, attempts.most], [0, 1]),
      };
    },
  },
];

for (const { name, make } of PROGRAMS) {
  Deno.test(`${name}: cancelled at every wait, nothing is left behind`, async () => {
    let program = make();
    const { cancellations } = await cancelEverywhere(() => {
      program = make();
      return program.body();
    }, () => program.check());
    assert(cancellations > 3);
  });

  Deno.test(`${name}: holds under many schedules`, async () => {
    await explore(async () => {
      const program = make();
      await program.body();
      program.check();
    }, { runs: 60 });
  });
}

Deno.test("a task that stops in line for a slot, a lock and a turn disturbs nobody", async () => {
  await explore(async () => {
    const lock = new RWLock();
    const limiter = new RateLimiter(3, 1);
    let done = 0;
    const work = async () => {
      await limiter.acquire();
      using _ = await lock.acquireWrite();
      await sleep(0);
      done++;
    };
    await taskGroup(async (group) => {
      const tasks = [0, 1, 2, 3, 4].map(() => group.createTask(work));
      const canceller = createTask(async () => {
        await sleep(0);
        tasks[1].cancel();
        await sleep(1);
        tasks[3].cancel();
      });
      await canceller;
    }, { limit: 2 });
    assert(done >= 3, `${done}`);
    assertEquals(String(lock), "<RWLock [unlocked]>");
  }, { runs: 60 });
});
