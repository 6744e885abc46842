"""Runs random programs, which are data, in CPython's asyncio."""

import asyncio
import collections
import json
import sys
import warnings

from oracle import VirtualLoop, virtual_time

THINGS = 2
CAPACITY = 2
RESCUE = 50
MAX_RESCUES = 20

# One that runs a body. A task waits for those of higher rank only, since CPython
# cannot cancel tasks that wait for each other in a circle.
Actor = collections.namedtuple("Actor", "name rank")


class World:
    """A program that runs."""

    def __init__(self, loop, program):
        self.loop = loop
        # There CPython loses the messages of cancellations.
        self.mute = '"returnExceptions": true' in json.dumps(program)
        self.trace = []
        self.futures = [loop.create_future() for _ in range(THINGS)]
        self.locks = [asyncio.Lock() for _ in range(THINGS)]
        self.semaphores = [asyncio.Semaphore(CAPACITY) for _ in range(THINGS)]
        self.events = [asyncio.Event() for _ in range(THINGS)]
        self.conditions = [asyncio.Condition() for _ in range(THINGS)]
        self.barriers = [asyncio.Barrier(2) for _ in range(THINGS)]
        self.queues = [asyncio.Queue(CAPACITY) for _ in range(THINGS)]
        self.spawned = []
        self.begun = {}
        self.names = 0
        self.rescues = 0

    def actor(self, rank):
        self.names += 1
        return Actor(str(self.names - 1), rank)

    def log(self, me, *what):
        text = " ".join(describe(part, self.mute) for part in what)
        self.trace.append(f"{int(self.loop.time())} {me.name}: {text}")

    def begin(self, me):
        task = asyncio.current_task()
        if task not in self.begun:
            self.begun[task] = me
            task.add_done_callback(lambda task: self.log(me, "is", state_of(task)))

    def task(self, index):
        return self.spawned[index % len(self.spawned)] if self.spawned else None

    def pending(self):
        return [task for task in self.begun if not task.done()]

    def rescue(self):
        for task in self.pending():
            task.cancel("rescue")
        self.rescues += 1
        if self.rescues == MAX_RESCUES:
            self.loop.stop()
        else:
            self.loop.call_later(RESCUE, self.rescue)


def describe(value, mute):
    """The text of a value; of errors whose message is its own affair, the name."""
    if isinstance(value, str):
        return value
    if isinstance(value, BaseExceptionGroup):
        errors = ", ".join(describe(error, mute) for error in value.exceptions)
        return f"ExceptionGroup[{errors}]"
    told = ValueError if mute else (ValueError, asyncio.CancelledError)
    if isinstance(value, BaseException) and not isinstance(value, told):
        return type(value).__name__
    return repr(value)


def state_of(task):
    if task.cancelled():
        state = "cancelled"
    else:
        state = "finished" if task.exception() is None else "failed"
    return f"{state} {task.cancelling()}"


async def work(world, me, body):
    world.begin(me)
    try:
        await perform_all(world, me, body)
        world.log(me, "ends")
        return me.name
    except (Exception, asyncio.CancelledError) as error:
        world.log(me, "throws", error)
        raise


async def work_later(world, me, body):
    world.log(me, "starts eagerly")
    await asyncio.sleep(0)
    return await work(world, me, body)


async def perform_all(world, me, body):
    for op in body:
        await perform(world, me, op)


async def perform(world, me, op):
    loop = world.loop

    def start(body):
        return work(world, world.actor(me.rank), body)

    def start_spawned(body):
        return work(world, world.actor(len(world.spawned)), body)

    match op["op"]:
        case "log":
            world.log(me, op["text"])
        case "raise":
            raise ValueError(op["text"])
        case "callSoon":
            loop.call_soon(lambda: world.log(me, "soon", op["text"]))
        case "callLater":
            loop.call_later(op["seconds"], lambda: world.log(me, "later", op["text"]))
        case "sleep":
            await asyncio.sleep(op["seconds"])
            world.log(me, "slept")
        case "call":
            world.log(me, "called", await start(op["body"]))
        case "shield":
            world.log(me, "shielded", await asyncio.shield(start(op["body"])))
        case "spawn":
            if op["eager"]:
                actor = world.actor(len(world.spawned))
                coro = work_later(world, actor, op["body"])
                world.spawned.append(asyncio.create_task(coro, eager_start=True))
            else:
                world.spawned.append(asyncio.create_task(start_spawned(op["body"])))
        case "join":
            task = world.task(op["task"])
            if task is not None and world.spawned.index(task) > me.rank:
                world.log(me, "joined", await task)
        case "cancel":
            task = world.task(op["task"])
            world.log(me, "cancels", task and task.cancel(op["text"]))
        case "cancelSelf":
            asyncio.current_task().cancel(op["text"])
        case "cancelLater":
            running = asyncio.current_task()

            def cancel():
                world.log(me, "is to be cancelled", running.cancel(op["text"]))

            loop.call_later(op["seconds"], cancel)
        case "uncancel":
            asyncio.current_task().uncancel()
        case "cancelling":
            world.log(me, "cancelling", str(asyncio.current_task().cancelling()))
        case "try":
            try:
                await perform_all(world, me, op["body"])
            except (Exception, asyncio.CancelledError) as error:
                world.log(me, "catches", error)
                await perform_all(world, me, op["handler"])
                if op["rethrow"]:
                    raise
            finally:
                await perform_all(world, me, op["cleanup"])
        case "gather":
            results = await asyncio.gather(
                *[start(body) for body in op["bodies"]],
                return_exceptions=op["returnExceptions"],
            )
            text = [r if isinstance(r, str) else type(r).__name__ for r in results]
            world.log(me, "gathered", text)
        case "wait":
            tasks = [asyncio.create_task(start(body)) for body in op["bodies"]]
            done, _ = await asyncio.wait(
                tasks, return_when=op["when"], timeout=op["seconds"]
            )
            world.log(me, "waited", [task in done for task in tasks])
        case "waitFor":
            await let_cancellation_in()
            result = await asyncio.wait_for(start(op["body"]), op["seconds"])
            world.log(me, "waited", result)
        case "timeout":
            await let_cancellation_in()
            async with asyncio.timeout(op["seconds"]):
                await perform_all(world, me, op["body"])
            world.log(me, "in time")
        case "group":
            await let_cancellation_in()
            if not op.get("forgetsInside"):
                forget_cancellations()
            async with asyncio.TaskGroup() as group:
                if op.get("forgetsInside"):
                    forget_cancellations()
                for body in op["bodies"]:
                    world.spawned.append(group.create_task(start_spawned(body)))
                await perform_all(world, me, op["body"])
            world.log(me, "leaves the group")
        case "resource":
            async with Resource(lambda: perform_all(world, me, op["cleanup"])):
                await perform_all(world, me, op["body"])
            world.log(me, "disposed")
        case "lock":
            async with world.locks[op["index"]]:
                world.log(me, "locks", op["index"])
                await perform_all(world, me, op["body"])
        case "semaphore":
            async with world.semaphores[op["index"]]:
                world.log(me, "is let in", op["index"])
                await perform_all(world, me, op["body"])
        case simple:
            await perform_simple(world, me, simple, op["index"], op["text"])


class Resource:
    """What `await using` disposes of."""

    def __init__(self, dispose):
        self.dispose = dispose

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.dispose()


async def let_cancellation_in():
    """A timeout loses a cancellation that has not arrived: see DIFFERENCES.md."""
    if asyncio.current_task().cancelling() > 0:
        await asyncio.sleep(0)


def forget_cancellations():
    """A group repeats one that was caught before it: see DIFFERENCES.md."""
    task = asyncio.current_task()
    while task.cancelling() > 0:
        task.uncancel()


async def perform_simple(world, me, op, index, text):
    future = world.futures[index]
    event = world.events[index]
    condition = world.conditions[index]
    queue = world.queues[index]
    match op:
        case "awaitFuture":
            world.log(me, "got", await future)
        case "setResult":
            future.set_result(text)
        case "setError":
            future.set_exception(ValueError(text))
        case "cancelFuture":
            future.cancel(text)
        case "waitEvent":
            world.log(me, "event", await event.wait())
        case "setEvent":
            event.set()
        case "clearEvent":
            event.clear()
        case "waitCondition":
            async with condition:
                world.log(me, "condition", await condition.wait())
        case "notify":
            async with condition:
                condition.notify()
        case "waitBarrier":
            world.log(me, "barrier", await world.barriers[index].wait())
        case "put":
            await queue.put(text)
            world.log(me, "put", text)
        case "get":
            world.log(me, "got", await queue.get())
        case "putNowait":
            queue.put_nowait(text)
        case "getNowait":
            world.log(me, "got", queue.get_nowait())
        case "shutdown":
            queue.shutdown()


async def main(world, program):
    asyncio.create_task(work(world, Actor("main", -1), program))
    while True:
        for _ in range(3):  # what was just created has to begin
            await asyncio.sleep(0)
        if not (pending := world.pending()):
            break
        for task in pending:
            await asyncio.wait([task])


class Timer(asyncio.TimerHandle):
    """Keeps equal deadlines in order, where CPython's heap leaves it open."""

    count = 0

    def __init__(self, *args):
        super().__init__(*args)
        Timer.count += 1
        self.number = Timer.count

    def __lt__(self, other):
        return (self._when, self.number) < (other._when, other.number)


class Group(asyncio.TaskGroup):
    """Keeps its tasks in order, where CPython's set leaves it open."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


class OrderedSet(dict):
    def add(self, item):
        self[item] = True

    def discard(self, item):
        self.pop(item, None)


def trace(program):
    loop = VirtualLoop()
    loop.set_exception_handler(lambda loop, context: None)
    world = World(loop, program)
    loop.call_later(RESCUE, world.rescue)
    try:
        loop.run_until_complete(main(world, program))
    except RuntimeError:
        world.trace.append("stuck")
    loop.close()
    return "\n".join(world.trace)


def traces(programs):
    """What happens in each of the programs. In and out as JSON."""
    original = asyncio.events.TimerHandle, asyncio.TaskGroup
    asyncio.events.TimerHandle, asyncio.TaskGroup = Timer, Group
    # Programs that are stuck leave coroutines that complain when they are garbage.
    sys.unraisablehook = lambda _: None
    try:
        with warnings.catch_warnings(action="ignore"), virtual_time():
            return json.dumps([trace(program) for program in json.loads(programs)])
    finally:
        asyncio.events.TimerHandle, asyncio.TaskGroup = original
        sys.unraisablehook = sys.__unraisablehook__
