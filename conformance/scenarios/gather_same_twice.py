"""What is given twice runs once, and stands in the results twice."""
import asyncio


async def work(name):
    print(name, "runs")
    return name


async def main():
    coro = work("coroutine")
    task = asyncio.create_task(work("task"))
    print(await asyncio.gather(coro, task, coro, task))
    nested = asyncio.gather(asyncio.gather(work("a"), work("b")), work("c"))
    print(await nested)


asyncio.run(main())
