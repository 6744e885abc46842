"""A read that is cancelled takes nothing, also when it was woken already."""
import asyncio


async def main():
    reader = asyncio.StreamReader()
    reader.feed_data(b"ab")
    task = asyncio.create_task(reader.readline())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print(task.cancelled(), reader)
    task = asyncio.create_task(reader.readline())
    await asyncio.sleep(0)
    reader.feed_data(b"cd\n")
    task.cancel()
    await asyncio.wait([task])
    print(task.cancelled(), reader)
    print(await reader.readline())
    try:
        async with asyncio.timeout(1):
            await reader.readexactly(3)
    except TimeoutError:
        print("timeout")
    reader.feed_data(b"xyz")
    print(await reader.readexactly(3))
    task = asyncio.create_task(reader.read(1))
    task.cancel()
    reader.feed_data(b"!")
    await asyncio.wait([task])
    print(task.cancelled(), await reader.read(1))


asyncio.run(main())
