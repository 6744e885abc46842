"""wait() can end with the first that is done, and cancels nothing."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(asyncio.sleep(n, n)) for n in (3, 1, 2)]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print([task.result() for task in done], len(pending), int(loop.time()))
    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    print([task.result() for task in done], len(pending), int(loop.time()))
    done, pending = await asyncio.wait(tasks)
    print(len(done), len(pending), int(loop.time()))
    loop.call_soon(print, "no turn for this")
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print(len(done), len(pending))


asyncio.run(main())
