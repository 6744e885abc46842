"""A cancellation that arrives together with a result wins over it."""
import asyncio


async def work(future):
    try:
        print("got", await future)
    except asyncio.CancelledError:
        print("cancelled, but the future is", future.result())
        raise


async def main():
    loop = asyncio.get_running_loop()
    for result_first in (True, False):
        future = loop.create_future()
        task = asyncio.create_task(work(future))
        await asyncio.sleep(1)
        if result_first:
            future.set_result("set")
            print(task.cancel())
        else:
            print(task.cancel(), future.cancelled())
        await asyncio.wait([task])
        print(task.cancelled())


asyncio.run(main())
