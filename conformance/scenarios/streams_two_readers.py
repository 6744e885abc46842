"""A read while another one waits is an error; what is there can be taken."""
import asyncio


async def attempt(coro):
    try:
        print(await coro)
    except RuntimeError as error:
        print(error)


async def main():
    reader = asyncio.StreamReader()
    reader.feed_data(b"ab")
    line = asyncio.create_task(attempt(reader.readline()))
    await asyncio.sleep(0)
    await attempt(reader.readline())
    await attempt(reader.readexactly(5))
    await attempt(reader.read(1))
    await attempt(reader.read(100))
    await attempt(reader.read(100))
    reader.feed_data(b"c\nd")
    second = asyncio.create_task(attempt(reader.read(1)))
    await line
    await second
    print(reader)


asyncio.run(main())
