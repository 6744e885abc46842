"""A lock goes to who waits for it, first come, first served."""
import asyncio


async def work(lock, name):
    async with lock:
        print(name, "in", lock.locked())
        await asyncio.sleep(1)
        print(name, "out", int(asyncio.get_running_loop().time()))


async def main():
    lock = asyncio.Lock()
    print(lock.locked())
    async with lock:
        tasks = [asyncio.create_task(work(lock, name)) for name in "abc"]
        await asyncio.sleep(1)
        print("released")
    print(lock.locked())
    await work(lock, "main")
    await asyncio.gather(*tasks)
    try:
        lock.release()
    except RuntimeError as error:
        print(error)


asyncio.run(main())
