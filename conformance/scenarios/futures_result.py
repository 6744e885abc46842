"""A future is done once, for good."""
import asyncio


async def main():
    future = asyncio.get_running_loop().create_future()
    print(future.done(), future.cancelled())
    try:
        future.result()
    except asyncio.InvalidStateError as error:
        print(repr(error))
    try:
        future.exception()
    except asyncio.InvalidStateError as error:
        print(repr(error))
    future.set_result("first")
    print(future.done(), future.result(), future.exception())
    try:
        future.set_result("second")
    except asyncio.InvalidStateError as error:
        print("refused")
    try:
        future.set_exception(ValueError("late"))
    except asyncio.InvalidStateError:
        print("refused too")
    print(future.cancel(), future.cancelled(), await future)


asyncio.run(main())
