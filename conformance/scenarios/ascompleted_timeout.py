"""After the timeout, as_completed() throws for each that is missing."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(asyncio.sleep(n, n)) for n in (1, 5, 6)]
    for next_one in asyncio.as_completed(tasks, timeout=3):
        try:
            print(await next_one, int(loop.time()))
        except TimeoutError as error:
            print(repr(error), int(loop.time()))
    print([task.done() for task in tasks])
    await asyncio.wait(tasks)
    print([task.cancelled() for task in tasks], int(loop.time()))


asyncio.run(main())
