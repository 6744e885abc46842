"""wait_for() cancels what takes too long, and waits until that is over."""
import asyncio


async def work():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("cleaning up")
        await asyncio.sleep(2)
        print("cleaned up")
        raise


async def main():
    loop = asyncio.get_running_loop()
    try:
        await asyncio.wait_for(work(), 1)
    except TimeoutError as error:
        print(repr(error), int(loop.time()))
    task = asyncio.create_task(work())
    try:
        await asyncio.wait_for(task, 1)
    except TimeoutError:
        print(task.cancelled(), int(loop.time()))
    future = loop.create_future()
    try:
        await asyncio.wait_for(future, 1)
    except TimeoutError:
        print(future.cancelled(), int(loop.time()))
    print(asyncio.current_task().cancelling())


asyncio.run(main())
