import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  Event,
  gather,
  getRunningLoop,
  Lock,
  moveOnAfter,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  timeoutAt,
  waitFor,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  type Script,
  testKinds,
} from "../_helpers.ts";

// A task of an async function can wait in several places at once. A request to
// cancel reaches the places that it was meant for, and no others.

/** The time after which each scope below is cancelled, in seconds. */
const LIMIT = 1;

/** What the body of a scope is: a function of either kind. */
type Body = () => Promise<unknown>;

/** A scope that is cancelled after {@linkcode LIMIT} seconds. */
interface ScopeKind {
  enter(body: Body): Coroutine<unknown>;
  /** What comes of it. */
  outcome: string;
}

const SCOPES: Record<string, ScopeKind> = {
  "timeout()": {
    enter: (body) => timeout(LIMIT, body),
    outcome: "TimeoutError",
  },
  "timeoutAt()": {
    enter: (body) => timeoutAt(getRunningLoop().time() + LIMIT, body),
    outcome: "TimeoutError",
  },
  "moveOnAfter()": {
    enter: (body) => moveOnAfter(LIMIT, body),
    outcome: "undefined",
  },
  "waitFor()": {
    enter: (body) => waitFor(body, LIMIT),
    outcome: "TimeoutError",
  },
  "taskGroup()": {
    enter: (body) =>
      taskGroup(async (group) => {
        group.createTask(async () => {
          await sleep(LIMIT);
          throw new Error("the child failed");
        });
        await body();
      }),
    outcome: "AggregateError",
  },
};

/** The ways to wait for several parts, as they settle natively. */
const GATHERINGS = ["all", "allSettled", "race"] as const;
type Gathering = typeof GATHERINGS[number];

const PLACES = ["first", "middle", "last"];

/** When the other parts go on: before the limit, in its turn, and after it. */
const MOMENTS = { "before": 0.5, "in the turn": LIMIT, "after": 3 };

/** An async function, or a generator function as the library takes it. */
function bodyOf(kind: Kind, script: () => Script<unknown>): Body {
  return inKind(kind, script).body as Body;
}

/** The name of the error, or the text of the value. */
async function outcomeOf(awaitable: PromiseLike<unknown>): Promise<string> {
  try {
    return String(await awaitable);
  } catch (error) {
    return (error as Error).name;
  }
}

/**
 * Calls a handler once, in the asynchronous context in which it was registered,
 * as the timers and sockets of the host do.
 */
class Signal {
  send!: () => void;
  #sent = new Promise<void>((resolve) => this.send = resolve);

  handle(handler: () => void): void {
    this.#sent.then(handler);
  }
}

/** Waits until everything that floats has ended. */
async function settle(): Promise<void> {
  await sleep(100);
  assertEquals(currentTask()!.cancelling(), 0);
}

// S1: a floating function

for (const [scope, { enter, outcome }] of Object.entries(SCOPES)) {
  testKinds(
    `${scope} in a function that is not awaited does not cancel its caller`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const refresh = async () => {
          const body = bodyOf(kind, function* body() {
            yield sleep(60);
          });
          log.push(await outcomeOf(enter(body)));
        };
        refresh();
        assertEquals(await sleep(2, "slept"), "slept");
        assertEquals(log, [outcome]);
        await settle();
      });
    },
  );

  testKinds(
    `${scope} in a handler does not cancel the task that registered it`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const message = new Signal();
        message.handle(async () => {
          const body = bodyOf(kind, function* body() {
            yield sleep(60);
          });
          log.push(await outcomeOf(enter(body)));
        });
        getRunningLoop().callLater(0.5, () => message.send());
        assertEquals(await sleep(2, "slept"), "slept");
        assertEquals(log, [outcome]);
        await settle();
      });
    },
  );

  testKinds(
    `${scope} in the handler of an event does not cancel the task that sends it`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const target = new EventTarget();
        target.addEventListener("message", async () => {
          const body = bodyOf(kind, function* body() {
            yield sleep(60);
          });
          log.push(await outcomeOf(enter(body)));
        });
        target.dispatchEvent(new globalThis.Event("message"));
        assertEquals(await sleep(2, "slept"), "slept");
        assertEquals(log, [outcome]);
        await settle();
      });
    },
  );

  testKinds(
    `${scope} in a function that is not awaited does not cancel a generator`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const start = inKind("async", function* start() {
          const body = bodyOf(kind, function* body() {
            yield sleep(60);
          });
          outcomeOf(enter(body)).then((outcome) => log.push(outcome));
        });
        const main = inKind("generator", function* main() {
          yield start();
          return yield sleep(2, "slept");
        });
        assertEquals(await createTask(main()), "slept");
        assertEquals(log, [outcome]);
        await settle();
      });
    },
  );
}

Deno.test("a limit within a floating function leaves the other floating ones alone", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const float = async (seconds: number, limit: number) => {
      log.push(await outcomeOf(waitFor(sleep(seconds, seconds), limit)));
    };
    float(3, 9);
    float(9, 1);
    float(4, 9);
    await sleep(10);
    assertEquals(log, ["TimeoutError", "3", "4"]);
    await settle();
  });
});

// S2: the parts of a Promise.all

/** How three parts end of which one is a scope, and the time of each. */
async function threeParts(
  gathering: Gathering,
  place: number,
  others: number,
  limited: () => PromiseLike<unknown>,
): Promise<{ together: string; parts: string[] }> {
  const loop = getRunningLoop();
  const start = loop.time();
  const parts: string[] = [];
  const promises = PLACES.map(async (name, index) => {
    try {
      const value = index === place
        ? await limited()
        : await sleep(others, `${name} slept`);
      parts[index] = `${value} ${loop.time() - start}`;
      return value;
    } catch (error) {
      parts[index] = `${(error as Error).name} ${loop.time() - start}`;
      throw error;
    }
  });
  const together = outcomeOf(
    (Promise[gathering] as (parts: unknown[]) => Promise<unknown>)(promises)
      .then((value) => gathering === "race" ? value : "settled"),
  );
  const outcome = `${await together} ${loop.time() - start}`;
  await settle();
  return { together: outcome, parts };
}

function expectedParts(place: number, others: number, outcome: string) {
  return PLACES.map((name, index) =>
    index === place ? `${outcome} ${LIMIT}` : `${name} slept ${others}`
  );
}

for (const [scope, { enter, outcome }] of Object.entries(SCOPES)) {
  for (const gathering of GATHERINGS) {
    for (const [moment, others] of Object.entries(MOMENTS)) {
      testKinds(
        `${scope} in one part of Promise.${gathering} leaves parts alone that go on ${moment}`,
        async (kind) => {
          for (const place of PLACES.keys()) {
            await inVirtualTime(async () => {
              const body = bodyOf(kind, function* body() {
                yield sleep(60);
              });
              const { parts } = await threeParts(
                gathering,
                place,
                others,
                () => enter(body),
              );
              assertEquals(parts, expectedParts(place, others, outcome));
            });
          }
        },
      );
    }
  }

  testKinds(
    `the outcome of ${scope} is what Promise.all and Promise.race give`,
    async (kind) => {
      for (const place of PLACES.keys()) {
        await inVirtualTime(async () => {
          const body = bodyOf(kind, function* body() {
            yield sleep(60);
          });
          const all = await threeParts("all", place, 3, () => enter(body));
          const race = await threeParts("race", place, 3, () => enter(body));
          const expected = `${outcome} ${LIMIT}`;
          assertEquals(race.together, expected);
          const fails = outcome !== "undefined";
          assertEquals(all.together, fails ? expected : "settled 3");
        });
      }
    },
  );

  testKinds(
    `the error of ${scope} in a part of a child's Promise.all comes out of the group`,
    async (kind) => {
      for (const place of PLACES.keys()) {
        await inVirtualTime(async () => {
          const body = bodyOf(kind, function* body() {
            yield sleep(60);
          });
          let child!: Task<unknown>;
          const group = taskGroup(async (group) => {
            child = group.createTask(async () => {
              await Promise.all(
                PLACES.map(async (_, index) =>
                  await (index === place ? enter(body) : sleep(5))
                ),
              );
            });
            return "fine";
          });
          const fails = outcome !== "undefined";
          let errors: string[] = [];
          let value: unknown;
          try {
            value = await group;
          } catch (error) {
            errors = (error as AggregateError).errors.map(({ name }) => name);
          }
          assertEquals(errors, fails ? [outcome] : []);
          assertEquals(value, fails ? undefined : "fine");
          assert(!child.cancelled());
          assertEquals(child.cancelling(), 0);
          await settle();
        });
      }
    },
  );

  testKinds(
    `a part that handles the outcome of ${scope} does not hurt the others`,
    async (kind) => {
      await inVirtualTime(async () => {
        const body = bodyOf(kind, function* body() {
          yield sleep(60);
        });
        const task = createTask(async () =>
          await Promise.all([
            (async () => await sleep(5, "first"))(),
            (async () => {
              const got = await outcomeOf(enter(body));
              // The part goes on to wait, and no request is left.
              assertEquals(currentTask()!.cancelling(), 0);
              return await sleep(1, `fallback for ${got}`);
            })(),
            sleep(5, "last"),
          ])
        );
        assertEquals(await task, [
          "first",
          `fallback for ${outcome}`,
          "last",
        ]);
        assertEquals(task.cancelling(), 0);
      });
    },
  );

  testKinds(
    `${scope} reaches all the parts inside of its body`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const part = inKind(kind, function* part() {
          try {
            yield sleep(60);
          } catch (error) {
            log.push((error as Error).name);
            throw error;
          }
        });
        const got = await outcomeOf(enter(async () => {
          await Promise.all([part(), part(), (async () => await part())()]);
        }));
        assertEquals(got, outcome);
        await sleep(0);
        assertEquals(log, Array(3).fill("CancelledError"));
        await settle();
      });
    },
  );

  testKinds(
    `${scope} reaches a function that its body called and did not await`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const part = inKind(kind, function* part() {
          yield sleep(60);
        });
        const float = async () => {
          log.push(await outcomeOf(part()));
        };
        const got = await outcomeOf(enter(async () => {
          float();
          await sleep(60);
        }));
        assertEquals(got, outcome);
        await sleep(0);
        assertEquals(log, ["CancelledError"]);
        await settle();
      });
    },
  );

  testKinds(
    `a function that floats out of ${scope} goes on when the body ends in time`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const part = inKind(kind, function* part() {
          return yield sleep(3, "slept");
        });
        const float = async () => {
          log.push(await outcomeOf(part()));
          log.push(await outcomeOf(part())); // begins after the end
        };
        if (scope === "taskGroup()") {
          await taskGroup(async () => {
            float();
            await sleep(0.5);
          });
        } else {
          await enter(async () => {
            float();
            await sleep(0.5);
          });
        }
        await sleep(10);
        assertEquals(log, ["slept", "slept"]);
        await settle();
      });
    },
  );

  testKinds(
    `a handler registered in the body of ${scope} works after its end`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const part = inKind(kind, function* part() {
          return yield sleep(3, "slept");
        });
        const first = new Signal();
        const second = new Signal();
        const got = await outcomeOf(enter(async () => {
          first.handle(async () => {
            log.push(await outcomeOf(part()));
          });
          second.handle(async () => {
            log.push(await outcomeOf(enter(async () => await sleep(60))));
          });
          await sleep(60);
        }));
        assertEquals(got, outcome);
        first.send();
        await sleep(20);
        second.send();
        await sleep(20);
        assertEquals(log, ["slept", outcome]);
        await settle();
      });
    },
  );
}

// Where two kinds of coroutines meet

for (const outer of ["async", "generator"] as const) {
  testKinds(
    `a limit in a part called through a coroutine (${outer}) stays in that part`,
    async (inner) => {
      await inVirtualTime(async () => {
        const limited = inKind(inner, function* limited() {
          try {
            yield timeout(
              LIMIT,
              inKind(outer, function* body() {
                yield sleep(60);
              }).body,
            );
          } catch (error) {
            yield sleep(0); // no request is left
            return (error as Error).name;
          }
        });
        const through = inKind(outer, function* through() {
          return yield limited();
        });
        const other = inKind(outer, function* other() {
          return yield sleep(2, "slept");
        });
        assertEquals(
          await Promise.all([other(), through(), other()]),
          ["slept", "TimeoutError", "slept"],
        );
        await settle();
      });
    },
  );
}

testKinds(
  "a limit around a generator's call of Promise.all reaches all of its parts",
  async (kind) => {
    await inVirtualTime(async () => {
      const log: string[] = [];
      const part = inKind(kind, function* part() {
        try {
          yield sleep(60);
        } finally {
          log.push("part ended");
        }
      });
      const parts = inKind("async", function* parts() {
        yield Promise.all([part(), part(), part()]);
      });
      const main = inKind("generator", function* main() {
        yield timeout(
          1,
          inKind("generator", function* body() {
            yield parts();
          }).body,
        );
      });
      assertEquals(await outcomeOf(main()), "TimeoutError");
      await sleep(0);
      assertEquals(log.length, 3);
      await settle();
    });
  },
);

// Inside of what makes tasks, and of other scopes

const SURROUNDINGS: Record<string, (part: Body) => PromiseLike<unknown>> = {
  "gather()": (part) => gather(part),
  "shield()": (part) => shield(createTask(part)),
  "taskGroup()": (part) => taskGroup(part),
  "timeout()": (part) => timeout(60, part),
  "moveOnAfter()": (part) => moveOnAfter(60, part),
  "waitFor()": (part) => waitFor(part, 60),
};

for (const [surrounding, within] of Object.entries(SURROUNDINGS)) {
  testKinds(
    `limits of parts inside of ${surrounding} do not reach each other`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const body = bodyOf(kind, function* body() {
          yield sleep(9);
        });
        await within(async () => {
          const outcomes = await Promise.all([
            outcomeOf(timeout(1, body)),
            outcomeOf(timeout(2, body)),
            outcomeOf(sleep(5, "slept")),
          ]);
          log.push(...outcomes);
        });
        assertEquals(log, ["TimeoutError", "TimeoutError", "slept"]);
        await settle();
      });
    },
  );
}

// Several limits at once

testKinds(
  "limits of three parts that expire in the same turn each cancel their own part",
  async (kind) => {
    await inVirtualTime(async () => {
      const body = bodyOf(kind, function* body() {
        yield sleep(60);
      });
      const limits = PLACES.map(() => outcomeOf(timeout(1, body)));
      assertEquals(
        await Promise.all([...limits, outcomeOf(sleep(1, "slept"))]),
        ["TimeoutError", "TimeoutError", "TimeoutError", "slept"],
      );
      await settle();
    });
  },
);

for (const depth of [1, 2, 3]) {
  testKinds(
    `of limits nested three deep in one part, number ${depth} that expires is the one that throws`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const delay = (level: number) => level === depth ? 1 : 60;
        const level = (number: number): Coroutine<unknown> =>
          timeout(
            delay(number),
            inKind(kind, function* body() {
              try {
                yield number === 3 ? sleep(90) : level(number + 1);
              } catch (error) {
                log.push(`${number}: ${(error as Error).name}`);
                throw error;
              }
            }).body,
          );
        const [limited, other] = await Promise.all([
          outcomeOf(level(1)),
          outcomeOf(sleep(5, "slept")),
        ]);
        assertEquals([limited, other], ["TimeoutError", "slept"]);
        assertEquals(
          log,
          [3, 2, 1].map((number) =>
            `${number}: ${number >= depth ? "CancelledError" : "TimeoutError"}`
          ),
        );
        await settle();
      });
    },
  );
}

testKinds(
  "limits nested three deep that expire in the same turn make one TimeoutError",
  async (kind) => {
    await inVirtualTime(async () => {
      const level = (number: number): Coroutine<unknown> =>
        timeout(
          1,
          inKind(kind, function* body() {
            yield number === 3 ? sleep(90) : level(number + 1);
          }).body,
        );
      assertEquals(
        await Promise.all([
          outcomeOf(level(1)),
          outcomeOf(sleep(5, "slept")),
        ]),
        ["TimeoutError", "slept"],
      );
      await settle();
    });
  },
);

testKinds(
  "an inner limit that expires while the outer one's part cleans up stays inside",
  async (kind) => {
    await inVirtualTime(async () => {
      const log: string[] = [];
      const cleanUp = bodyOf(kind, function* cleanUp() {
        yield sleep(60);
      });
      const part = outcomeOf(timeout(1, async () => {
        try {
          await sleep(60);
        } finally {
          log.push(await outcomeOf(timeout(1, cleanUp)));
          await sleep(1);
          log.push("cleaned up");
        }
      }));
      assertEquals(
        await Promise.all([outcomeOf(sleep(5, "slept")), part]),
        ["slept", "TimeoutError"],
      );
      assertEquals(log, ["TimeoutError", "cleaned up"]);
      await settle();
    });
  },
);

testKinds(
  "a group whose child fails does not take the lock from another part",
  async (kind) => {
    for (const place of PLACES.keys()) {
      await inVirtualTime(async () => {
        const lock = new Lock();
        await lock.acquire();
        getRunningLoop().callLater(3, () => lock.release());
        const holder = inKind(kind, function* holder() {
          const guard: Disposable = yield lock.acquire();
          try {
            yield sleep(1);
            return "had the lock";
          } finally {
            guard[Symbol.dispose]();
          }
        });
        const failing = () =>
          taskGroup(async (group) => {
            group.createTask(async () => {
              await sleep(1);
              throw new Error("disk full");
            });
            await new Event().wait();
          });
        const outcomes = await Promise.all(
          PLACES.map((_, index) =>
            outcomeOf(index === place ? failing() : holder())
          ),
        );
        assertEquals(
          outcomes,
          PLACES.map((_, index) =>
            index === place ? "AggregateError" : "had the lock"
          ),
        );
        assertEquals(String(lock), "<Lock [unlocked]>");
        await settle();
      });
    }
  },
);

testKinds(
  "the failure of a group is not lost while another part cleans up",
  async (kind) => {
    await inVirtualTime(async () => {
      const log: string[] = [];
      const slow = inKind(kind, function* slow() {
        try {
          yield sleep(2);
        } finally {
          yield sleep(1);
          log.push("cleaned up");
        }
      });
      const outer = taskGroup(async (group) => {
        group.createTask(async () => {
          const inner = taskGroup(async (inner) => {
            inner.createTask(async () => {
              await sleep(1);
              throw new Error("disk full");
            });
            await sleep(60);
          });
          await Promise.all([inner, slow()]);
        });
        return "fine";
      });
      const outside = await assertRejects(
        async () => await outer,
        AggregateError,
      );
      assertEquals(outside.errors.length, 1);
      const [inside] = outside.errors as AggregateError[];
      assertEquals(inside.errors.map(String), ["Error: disk full"]);
      await sleep(5);
      assertEquals(log, ["cleaned up"]);
      await settle();
    });
  },
);

// A request that finds nothing to cancel

for (const [scope, { enter, outcome }] of Object.entries(SCOPES)) {
  testKinds(
    `${scope} that expires in a native promise reaches the next wait of its body only`,
    async (kind) => {
      await inVirtualTime(async () => {
        let resolve!: () => void;
        const native = new Promise<void>((done) => resolve = done);
        getRunningLoop().callLater(2, () => resolve());
        const other = inKind(kind, function* other() {
          yield sleep(1.5); // ends between the deadline and the body's wait
          yield sleep(0);
          return yield sleep(3, "slept");
        });
        const last = inKind(kind, function* last() {
          yield sleep(60);
        });
        assertEquals(
          await Promise.all([
            outcomeOf(other()),
            outcomeOf(enter(async () => {
              await native;
              await last();
            })),
            outcomeOf(other()),
          ]),
          ["slept", outcome, "slept"],
        );
        assertEquals(getRunningLoop().time(), 4.5);
        await settle();
      });
    },
  );

  testKinds(
    `${scope} whose body ends in a native promise hurts nobody afterwards`,
    async (kind) => {
      await inVirtualTime(async () => {
        let resolve!: () => void;
        const native = new Promise<void>((done) => resolve = done);
        getRunningLoop().callLater(2, () => resolve());
        const other = inKind(kind, function* other() {
          return yield sleep(3, "slept");
        });
        const [, result] = await Promise.all([
          outcomeOf(enter(async () => {
            await native;
            return "ended";
          })),
          outcomeOf(other()),
        ]);
        assertEquals(result, "slept");
        assertEquals(await other(), "slept");
        await settle();
      });
    },
  );
}

testKinds(
  "timeout(0) in a part cancels the first wait of its body and no other",
  async (kind) => {
    for (const place of PLACES.keys()) {
      await inVirtualTime(async () => {
        const body = bodyOf(kind, function* body() {
          yield sleep(60);
        });
        const parts = PLACES.map((_, index) =>
          outcomeOf(index === place ? timeout(0, body) : sleep(0, "turn"))
        );
        assertEquals(
          await Promise.all(parts),
          PLACES.map((_, index) => index === place ? "TimeoutError" : "turn"),
        );
        await settle();
      });
    }
  },
);

// Who is cancelled

Deno.test("a task whose scopes have all failed is not cancelled", async () => {
  await inVirtualTime(async () => {
    const task = createTask(async () => {
      await Promise.any(PLACES.map(() => timeout(1, () => sleep(60))));
    });
    const error = await assertRejects(async () => await task, AggregateError);
    assertEquals(
      error.errors.map(({ name }) => name),
      ["TimeoutError", "TimeoutError", "TimeoutError"],
    );
    assert(!task.cancelled());
  });
});

Deno.test("the scopes of a task belong to it while it awaits another one", async () => {
  await inVirtualTime(async () => {
    const child = createTask(async () => {
      await sleep(3);
      return "child";
    });
    const [limited, value] = await Promise.all([
      outcomeOf(timeout(1, () => sleep(60))),
      child,
    ]);
    assertEquals([limited, value], ["TimeoutError", "child"]);
    assertEquals(child.cancelling(), 0);
    await settle();
  });
});

Deno.test("currentTask() is the same in all parts, inside and after a scope", async () => {
  await inVirtualTime(async () => {
    const task = currentTask();
    const check = async () => {
      await sleep(0);
      assertStrictEquals(currentTask(), task);
      await null;
      assertStrictEquals(currentTask(), task);
    };
    await Promise.all([
      check(),
      timeout(1, check),
      taskGroup(() => check()),
      outcomeOf(timeout(0, () => sleep(1))).then(check),
    ]);
  });
});

testKinds(
  "a CancelledError that a scope made is the cause of its TimeoutError",
  async (kind) => {
    await inVirtualTime(async () => {
      const body = bodyOf(kind, function* body() {
        yield sleep(60);
      });
      const [limited] = await Promise.allSettled([timeout(1, body), sleep(3)]);
      assert(limited.status === "rejected");
      assert(limited.reason.cause instanceof CancelledError);
    });
  },
);
