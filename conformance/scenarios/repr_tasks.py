"""How tasks print."""
import asyncio


async def work():
    await asyncio.sleep(1)
    return "result"


async def fail():
    raise ValueError("no luck")


def callback(task):
    pass


async def main():
    task = asyncio.create_task(work())
    print(task)
    await asyncio.sleep(0)
    task.add_done_callback(callback)
    print(task)
    await task
    print(task)
    named = asyncio.create_task(work(), name="a name")
    print(named)
    await asyncio.sleep(0)
    named.cancel()
    print(named)
    await asyncio.wait([named])
    print(named)
    failed = asyncio.create_task(fail())
    await asyncio.wait([failed])
    print(failed)
    print(repr(failed.exception()))


asyncio.run(main())
