"""Who is cancelled while waiting for a lock leaves the line, and loses nothing."""
import asyncio


async def work(lock, name):
    try:
        async with lock:
            print(name, "has it")
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    a, b, c, d = (asyncio.create_task(work(lock, name)) for name in "abcd")
    await asyncio.sleep(1)
    b.cancel()
    await asyncio.sleep(0)
    # The lock is on its way to the first one when that is cancelled.
    lock.release()
    a.cancel()
    await asyncio.wait([a, b, c, d])
    print(a.cancelled(), b.cancelled(), c.cancelled(), lock.locked())


asyncio.run(main())
