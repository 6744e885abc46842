"""An eager task that never waits is done as soon as it is created."""
# needs: 3.14
import asyncio


async def work(name):
    return name


async def fail():
    raise ValueError("at once")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work("result"), eager_start=True)
    print(task.done(), task.result())
    failed = asyncio.create_task(fail(), eager_start=True)
    print(failed.done(), repr(failed.exception()))
    loop.call_soon(print, "no turn for this")
    print(await task)
    loop.set_task_factory(asyncio.eager_task_factory)
    gathered = asyncio.gather(work("a"), work("b"))
    print(gathered.done(), await gathered)
    print(len(asyncio.all_tasks()))


asyncio.run(main())
