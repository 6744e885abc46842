"""CPython's asyncio, measured like the rest: asyncio_bench.py LOOP WORKLOAD.

LOOP is "asyncio", or "uvloop" for the loop of that name.

Greets with a line of JSON, then runs the workload for each number of operations
that comes in and prints the milliseconds that it took ("memory": the bytes).
"""

import asyncio
import gc
import json
import platform
import sys
import tracemalloc
from time import perf_counter

TASKS = 1000
CONTENDERS = 100
FAN_OUT = 10_000
DEPTH = 10
QUEUE_SIZE = 10
LONG = 3600


def expect(actual, expected):
    if actual != expected:
        raise AssertionError(f"Expected {expected}, got {actual}")


def sum_below(n):
    return n * (n - 1) // 2


def short_delay(i):
    return (i * 7919 % 5000) / 1e6


async def echo(i):
    return i


async def turns(count):
    done = 0
    while done < count:
        await asyncio.sleep(0)
        done += 1
    return done


async def deep(depth):
    if depth > 1:
        return 1 + await deep(depth - 1)
    await asyncio.sleep(0)
    return 1


async def start(n):
    tasks = [asyncio.create_task(echo(i)) for i in range(n)]
    total = 0
    for task in tasks:
        total += await task
    expect(total, sum_below(n))


async def start_1000(n):
    for i in range(0, n, TASKS):
        await start(min(TASKS, n - i))


async def sleep(n):
    expect(await turns(n), n)


async def sleep_1000(n):
    tasks = [asyncio.create_task(turns(n // TASKS)) for _ in range(TASKS)]
    total = 0
    for task in tasks:
        total += await task
    expect(total, n)


async def call_deep(n):
    total = 0
    for _ in range(0, n, DEPTH):
        total += await deep(DEPTH)
    expect(total, n)


async def ping_pong(n):
    loop = asyncio.get_running_loop()
    ping = loop.create_future()
    pong = loop.create_future()
    total = 0

    async def play():
        nonlocal ping, total
        for _ in range(0, n, 2):
            await ping
            ping = loop.create_future()
            total += 1
            pong.set_result(None)

    player = asyncio.create_task(play())
    for _ in range(0, n, 2):
        ping.set_result(None)
        await pong
        pong = loop.create_future()
        total += 1
    await player
    expect(total, n)


async def gather(n):
    results = await asyncio.gather(*[echo(i) for i in range(n)])
    expect(sum(results), sum_below(n))


async def call_soon(n):
    loop = asyncio.get_running_loop()
    finished = loop.create_future()
    calls = 0

    def again():
        nonlocal calls
        calls += 1
        if calls == n:
            finished.set_result(None)
        elif calls <= n - CONTENDERS:
            loop.call_soon(again)

    for _ in range(CONTENDERS):
        loop.call_soon(again)
    await finished
    expect(calls, n)


async def timer_cancel(n):
    loop = asyncio.get_running_loop()
    timers = [
        loop.call_later(LONG + short_delay(i), print) for i in range(n)
    ]
    for timer in timers:
        timer.cancel()
    expect(sum(timer.cancelled() for timer in timers), n)


async def timer_fire(n):
    loop = asyncio.get_running_loop()
    finished = loop.create_future()
    fired = 0

    def fire():
        nonlocal fired
        fired += 1
        if fired == n:
            finished.set_result(None)

    for i in range(n):
        loop.call_later(short_delay(i), fire)
    await finished
    expect(fired, n)


async def nap(i):
    await asyncio.sleep(short_delay(i))
    return i


async def timer_sleep(n):
    tasks = [asyncio.create_task(nap(i)) for i in range(n)]
    total = 0
    for task in tasks:
        total += await task
    expect(total, sum_below(n))


async def through_queue(pairs, n):
    queue = asyncio.Queue(QUEUE_SIZE)

    async def produce():
        for i in range(n // pairs):
            await queue.put(i)

    async def consume():
        total = 0
        for _ in range(n // pairs):
            total += await queue.get()
        return total

    consumers = [asyncio.create_task(consume()) for _ in range(pairs)]
    producers = [asyncio.create_task(produce()) for _ in range(pairs)]
    total = 0
    for consumer in consumers:
        total += await consumer
    expect(total, pairs * sum_below(n // pairs))
    expect(sum(producer.done() for producer in producers), pairs)


async def queue(n):
    await through_queue(1, n)


async def queue_100(n):
    await through_queue(CONTENDERS, n)


async def lock(n):
    the_lock = asyncio.Lock()
    count = 0

    async def contend():
        nonlocal count
        for _ in range(n // CONTENDERS):
            await the_lock.acquire()
            count += 1
            the_lock.release()

    await the_lock.acquire()
    tasks = [asyncio.create_task(contend()) for _ in range(CONTENDERS)]
    await asyncio.sleep(0)
    the_lock.release()
    for task in tasks:
        await task
    expect(count, n)


async def fan_out(n):
    the_semaphore = asyncio.Semaphore(CONTENDERS)
    inside = 0
    most = 0
    entered = 0

    async def enter():
        nonlocal inside, most, entered
        await the_semaphore.acquire()
        inside += 1
        entered += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        the_semaphore.release()

    tasks = [asyncio.create_task(enter()) for _ in range(n)]
    for task in tasks:
        await task
    expect(most, CONTENDERS)
    expect(entered, n)


async def semaphore(n):
    for left in range(n, 0, -FAN_OUT):
        await fan_out(min(left, FAN_OUT))


async def sleeper():
    await asyncio.sleep(LONG)


async def cancel(n):
    tasks = [asyncio.create_task(sleeper()) for _ in range(n)]
    await asyncio.sleep(0)
    start = perf_counter()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    expect(sum(task.cancelled() for task in tasks), n)
    return perf_counter() - start


async def timeout(n):
    total = 0
    for _ in range(n):
        async with asyncio.timeout(LONG):
            total += await echo(1)
    expect(total, n)


async def group(n):
    for _ in range(0, n, DEPTH):
        async with asyncio.TaskGroup() as children:
            for _ in range(DEPTH):
                children.create_task(echo(1))


async def memory(n):
    future = asyncio.get_running_loop().create_future()

    async def wait():
        await future

    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tasks = [asyncio.create_task(wait()) for _ in range(n)]
    await asyncio.sleep(0)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    expect(sum(task.done() for task in tasks), 0)
    future.set_result(None)
    await asyncio.gather(*tasks)
    return (after - before) / n


WORKLOADS = {
    "start": start,
    "start-inline": start,
    "start-1000": start_1000,
    "start-inline-1000": start_1000,
    "sleep": sleep,
    "sleep-1000": sleep_1000,
    "deep": call_deep,
    "deep-coroutine": call_deep,
    "ping-pong": ping_pong,
    "gather": gather,
    "call-soon": call_soon,
    "timer-cancel": timer_cancel,
    "timer-fire": timer_fire,
    "timer-sleep": timer_sleep,
    "queue": queue,
    "queue-100": queue_100,
    "lock": lock,
    "semaphore": semaphore,
    "cancel": cancel,
    "timeout": timeout,
    "timeout-hoisted": timeout,
    "group": group,
    "memory": memory,
}


async def timed(workload, n):
    start = perf_counter()
    seconds = await workload(n)
    return (perf_counter() - start if seconds is None else seconds) * 1000


def main():
    loop, name = sys.argv[1:]
    version = f"CPython {platform.python_version()}"
    if loop == "uvloop":
        import uvloop

        uvloop.install()
        version += f" with uvloop {uvloop.__version__}"
    needed = {"timeout": "timeout", "timeout-hoisted": "timeout"}
    needed["group"] = "TaskGroup"  # all of them since Python 3.11
    present = name in WORKLOADS and hasattr(asyncio, needed.get(name, "sleep"))
    print(json.dumps({"version": version, "present": present}), flush=True)
    for line in sys.stdin:
        gc.collect()
        n = int(line)
        workload = WORKLOADS[name]
        job = workload(n) if name == "memory" else timed(workload, n)
        print(asyncio.run(job), flush=True)


if __name__ == "__main__":
    main()
