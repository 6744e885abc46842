"""Who is cancelled in a condition first gets the lock back."""
# needs: 3.13
import asyncio


async def waiter(condition, name):
    async with condition:
        try:
            await condition.wait()
            print(name, "notified")
        except asyncio.CancelledError as error:
            print(name, repr(error), condition.locked())
            raise


async def main():
    loop = asyncio.get_running_loop()
    condition = asyncio.Condition()
    a, b, c = (asyncio.create_task(waiter(condition, name)) for name in "abc")
    await asyncio.sleep(1)
    async with condition:
        a.cancel("while locked")
        await asyncio.sleep(1)
        print(a.done(), int(loop.time()))
    await asyncio.wait([a])
    # The notification of one that is cancelled goes on to the next one.
    async with condition:
        condition.notify()
        b.cancel("when notified")
    await asyncio.wait([b, c])
    print(a.cancelled(), b.cancelled(), c.cancelled(), condition.locked())


asyncio.run(main())
