"""A failure comes out with its turn, and the others can still be awaited."""
import asyncio


async def fail(seconds):
    await asyncio.sleep(seconds)
    raise ValueError(f"after {seconds}")


async def main():
    cancelled = asyncio.create_task(asyncio.sleep(60))
    asyncio.get_running_loop().call_later(1, cancelled.cancel)
    waits = [fail(2), asyncio.sleep(3, "result"), cancelled, fail(0)]
    for next_one in asyncio.as_completed(waits):
        try:
            print(await next_one)
        except (ValueError, asyncio.CancelledError) as error:
            print(repr(error))


asyncio.run(main())
