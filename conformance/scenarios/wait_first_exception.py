"""wait() can end with the first failure; a cancellation is none."""
import asyncio


async def fail(seconds):
    await asyncio.sleep(seconds)
    raise ValueError(f"after {seconds}")


async def main():
    loop = asyncio.get_running_loop()
    cancelled = asyncio.create_task(asyncio.sleep(60))
    loop.call_later(2, cancelled.cancel)
    tasks = [
        asyncio.create_task(asyncio.sleep(1)),
        asyncio.create_task(fail(3)),
        asyncio.create_task(asyncio.sleep(5)),
        cancelled,
    ]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    print(len(done), len(pending), int(loop.time()))
    print(repr(tasks[1].exception()), tasks[3] in done)
    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
    print(len(done), len(pending), int(loop.time()))


asyncio.run(main())
