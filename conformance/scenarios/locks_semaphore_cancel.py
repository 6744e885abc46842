"""A permit that is on its way to one that is cancelled goes to the next one."""
import asyncio


async def work(semaphore, name):
    try:
        async with semaphore:
            print(name, "in")
            await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    a, b, c = (asyncio.create_task(work(semaphore, name)) for name in "abc")
    await asyncio.sleep(0)
    semaphore.release()
    a.cancel()
    print(semaphore.locked())
    await asyncio.sleep(0.5)
    c.cancel()
    await asyncio.wait([a, b, c])
    print(a.cancelled(), b.cancelled(), c.cancelled(), semaphore.locked())
    bounded = asyncio.BoundedSemaphore(1)
    async with bounded:
        print(bounded.locked())
    try:
        bounded.release()
    except ValueError as error:
        print(error)


asyncio.run(main())
