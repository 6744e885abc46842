"""A read while another one waits is an error, which leaves that one alone."""
import asyncio


async def attempt(coro):
    try:
        print(await coro)
    except RuntimeError as error:
        print(error)


async def main():
    reader = asyncio.StreamReader()
    line = asyncio.create_task(attempt(reader.readline()))
    await asyncio.sleep(0)
    await attempt(reader.readline())
    await attempt(reader.readexactly(5))
    await attempt(reader.read())
    await attempt(reader.read(1))
    reader.feed_data(b"abc\nd")
    second = asyncio.create_task(attempt(reader.read(1)))
    await line
    await second
    print(reader)


asyncio.run(main())
