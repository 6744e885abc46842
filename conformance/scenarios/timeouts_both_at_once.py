"""A cancellation that comes together with the timeout is not lost."""
# needs: 3.13
import asyncio


async def work(cleanup):
    try:
        async with asyncio.timeout(1):
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(cleanup)
        print("never")
    except TimeoutError:
        print("work timed out")
    except asyncio.CancelledError as error:
        print("work cancelled", error, asyncio.current_task().cancelling())
        raise


async def main():
    # It comes while the body cleans up after the timeout.
    task = asyncio.create_task(work(2))
    await asyncio.sleep(2)
    task.cancel("in cleanup")
    await asyncio.wait([task])
    print(task.cancelled())
    # It comes in the same turn as the timeout.
    task = asyncio.create_task(work(0))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_at(3, task.cancel, "same time")
    await asyncio.wait([task])
    print(task.cancelled())


asyncio.run(main())
