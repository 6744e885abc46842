"""Cancelling who waits in wait_for() cancels what it waits for."""
import asyncio


async def work():
    try:
        await asyncio.sleep(60)
    finally:
        print("work is over")


async def waiter(task):
    try:
        await asyncio.wait_for(task, 30)
    except asyncio.CancelledError as error:
        print("waiter", repr(error), task.cancelled())
        raise


async def main():
    inner = asyncio.create_task(work())
    outer = asyncio.create_task(waiter(inner))
    await asyncio.sleep(1)
    outer.cancel("from outside")
    await asyncio.wait([outer])
    print(outer.cancelled(), int(asyncio.get_running_loop().time()))


asyncio.run(main())
