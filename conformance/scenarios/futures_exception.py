"""Who asks for the result of a failed future gets the very same exception."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    error = ValueError("no luck")
    future = loop.create_future()
    future.set_exception(error)
    print(future.done(), future.exception() is error)
    for _ in range(2):
        try:
            await future
        except ValueError as caught:
            print(repr(caught), caught is error)
    other = loop.create_future()
    other.set_exception(ValueError)
    print(repr(other.exception()))


asyncio.run(main())
