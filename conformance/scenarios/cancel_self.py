"""A task that cancels itself is cancelled at its next wait."""
import asyncio


async def work():
    asyncio.current_task().cancel("by myself")
    print("still running")
    try:
        await asyncio.sleep(0)
        print("never")
    except asyncio.CancelledError as error:
        print(repr(error))
        raise


async def no_wait():
    asyncio.current_task().cancel()
    return "result"


async def main():
    task = asyncio.create_task(work())
    await asyncio.wait([task])
    print(task.cancelled())
    task = asyncio.create_task(no_wait())
    await asyncio.wait([task])
    print(task.cancelled())
    done = asyncio.get_running_loop().create_future()
    done.set_result("no wait either")
    asyncio.current_task().cancel()
    print(await done)
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        print("main cancelled", asyncio.current_task().uncancel())


asyncio.run(main())
