"""An exception thrown while cleaning up takes the place of the cancellation."""
import asyncio


async def work():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        raise ValueError("cannot clean up")


async def returns():
    try:
        await asyncio.sleep(60)
    finally:
        return "a return in finally"


async def main():
    for stubborn in (work, returns):
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        task.cancel()
        try:
            print(await task)
        except ValueError as error:
            print(repr(error))
        print(task.cancelled(), task.cancelling())


asyncio.run(main())
