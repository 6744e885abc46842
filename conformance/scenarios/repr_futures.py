"""How futures print."""
import asyncio


def callback(future):
    pass


async def waiter(future):
    await future


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    print(future)
    for _ in range(4):
        future.add_done_callback(callback)
        print(future)
    future.set_result([1, "two", None, True, [3.5]])
    print(future)
    failed = loop.create_future()
    failed.set_exception(ValueError("no luck"))
    print(failed, repr(failed.exception()))
    cancelled = loop.create_future()
    cancelled.cancel("message")
    print(cancelled)
    awaited = loop.create_future()
    asyncio.create_task(waiter(awaited))
    await asyncio.sleep(0)
    print(awaited)
    awaited.set_result(None)


asyncio.run(main())
