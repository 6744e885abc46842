"""A timeout without time, entered by a task that is already cancelled."""
# needs: 3.12
import asyncio


async def work():
    asyncio.current_task().cancel("before")
    try:
        async with asyncio.timeout(0):
            await asyncio.sleep(1)
    except TimeoutError:
        print("timed out")
    except asyncio.CancelledError as error:
        print("cancelled", error)
        raise
    await asyncio.sleep(1)
    print("the cancellation is lost")


async def main():
    task = asyncio.create_task(work())
    await asyncio.wait([task])
    print(task.cancelled())


asyncio.run(main())
