"""A group waits for all of its tasks, also those that its tasks create."""
import asyncio


async def work(name, seconds, tg=None):
    print(name, "begins")
    if tg is not None:
        tg.create_task(work("child of " + name, 2))
    await asyncio.sleep(seconds)
    print(name, "ends", int(asyncio.get_running_loop().time()))
    return name


async def main():
    async with asyncio.TaskGroup() as tg:
        first = tg.create_task(work("first", 2))
        second = tg.create_task(work("second", 1, tg), name="second")
        print("body ends", second.get_name())
    print(first.result(), second.result())
    async with asyncio.TaskGroup() as tg:
        print("empty")
    try:
        coro = work("late", 1)
        tg.create_task(coro)
    except RuntimeError:
        print("finished")
        coro.close()


asyncio.run(main())
