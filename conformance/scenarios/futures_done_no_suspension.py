"""Waiting for what is done does not suspend."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(print, "callback")
    future = loop.create_future()
    future.set_result("done before")
    print(await future)
    failed = loop.create_future()
    failed.set_exception(ValueError("failed before"))
    try:
        await failed
    except ValueError as error:
        print(error)
    print("the callback has not run")
    await asyncio.sleep(0)


asyncio.run(main())
