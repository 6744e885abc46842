"""With the eager task factory every task starts at once, in gather() too."""
# needs: 3.12
import asyncio


async def work(name, turns):
    print(name, "begins")
    for _ in range(turns):
        await asyncio.sleep(0)
    print(name, "ends")
    return name


async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    task = asyncio.create_task(work("task", 1))
    print("created")
    print(await asyncio.gather(work("a", 2), work("b", 0), task))
    print(await asyncio.gather(work("c", 0), work("d", 0)))
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work("e", 1))
        tg.create_task(work("f", 0))
        print("body ends")
    loop.set_task_factory(None)
    task = asyncio.create_task(work("lazy", 0))
    print("created")
    await task


asyncio.run(main())
