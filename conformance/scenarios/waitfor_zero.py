"""wait_for() without time cancels what is not done, before it begins."""
# needs: 3.12
import asyncio


async def work(name):
    print(name, "begins")
    await asyncio.sleep(1)


async def main():
    loop = asyncio.get_running_loop()
    for limit in (0, -1):
        try:
            await asyncio.wait_for(work("coroutine"), limit)
        except TimeoutError as error:
            print(repr(error), int(loop.time()))
    task = asyncio.create_task(work("task"))
    await asyncio.sleep(0)
    try:
        await asyncio.wait_for(task, 0)
    except TimeoutError:
        print(task.cancelled(), int(loop.time()))


asyncio.run(main())
