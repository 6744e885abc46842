"""A child that is cancelled counts as a failure, and does not cancel the rest."""
import asyncio


async def work(seconds, name):
    await asyncio.sleep(seconds)
    print(name, "ends")


async def main():
    loop = asyncio.get_running_loop()
    first = asyncio.create_task(work(60, "first"))
    second = asyncio.create_task(work(2, "second"))
    future = asyncio.gather(first, second)
    loop.call_later(1, first.cancel, "only this one")
    try:
        await future
    except asyncio.CancelledError as error:
        print(repr(error), int(loop.time()))
    print(future.cancelled(), asyncio.current_task().cancelling())
    try:
        future.exception()
    except asyncio.CancelledError:
        print("exception() throws")
    await second


asyncio.run(main())
