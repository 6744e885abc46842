"""A cancelled future throws CancelledError at everybody who asks."""
import asyncio


def attempt(function, *args):
    try:
        print(function(*args))
    except (asyncio.CancelledError, asyncio.InvalidStateError) as error:
        print(type(error).__name__, str(error).split(":")[0])


async def main():
    future = asyncio.get_running_loop().create_future()
    print(future.cancel("enough"), future.cancel("again"))
    print(future.done(), future.cancelled())
    attempt(future.result)
    attempt(future.exception)
    attempt(future.set_result, 1)
    attempt(future.set_exception, ValueError())
    try:
        await future
    except asyncio.CancelledError as error:
        print(repr(error))
    print(asyncio.current_task().cancelling())


asyncio.run(main())
