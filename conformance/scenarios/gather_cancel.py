"""Cancelling gather() cancels all that are not done, and waits for them."""
import asyncio


async def work(seconds, name):
    try:
        await asyncio.sleep(seconds)
        print(name, "ends")
    except asyncio.CancelledError as error:
        print(name, "cancelled", repr(error))
        await asyncio.sleep(1)
        raise


async def main():
    loop = asyncio.get_running_loop()
    future = asyncio.gather(work(60, "a"), work(1, "b"), work(60, "c"))
    await asyncio.sleep(2)
    print(future.cancel("enough"), future.done())
    try:
        await future
    except asyncio.CancelledError as error:
        print(repr(error), int(loop.time()))
    print(future.cancelled(), future.cancel())


asyncio.run(main())
