"""A lock that was released but not yet taken: who comes now waits its turn."""
import asyncio


async def work(lock, name):
    print(name, "comes")
    await lock.acquire()
    print(name, "has it")
    await asyncio.sleep(0)
    lock.release()
    print(name, "gave it back")


async def main():
    lock = asyncio.Lock()
    print(await lock.acquire() is not None)
    first = asyncio.create_task(work(lock, "first"))
    await asyncio.sleep(0)
    lock.release()
    print("released", lock.locked())
    late = asyncio.create_task(work(lock, "late"))
    await work(lock, "main")
    await asyncio.wait([first, late])
    print(lock.locked())


asyncio.run(main())
