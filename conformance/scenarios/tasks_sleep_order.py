"""Sleepers wake up by their deadlines, and sleep gives its result."""
import asyncio


async def nap(seconds, name):
    result = await asyncio.sleep(seconds, name)
    print(result, int(asyncio.get_running_loop().time()))
    return result


async def main():
    tasks = [
        asyncio.create_task(nap(seconds, name))
        for seconds, name in ((3, "c"), (1, "a"), (2, "b"), (0, "now"))
    ]
    print(await asyncio.sleep(2.5, "main"))
    print([task.done() for task in tasks])
    await tasks[0]
    print(await asyncio.sleep(0), await asyncio.sleep(-1, "past"))


asyncio.run(main())
