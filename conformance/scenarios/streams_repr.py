"""The text of a reader tells what it holds."""
import asyncio


async def main():
    print(asyncio.StreamReader())
    reader = asyncio.StreamReader(limit=123)
    print(reader)
    reader.feed_data(b"data")
    print(reader)
    reader.feed_eof()
    print(reader)
    reader.set_exception(OSError("lost"))
    print(reader)
    await reader_that_waits()


async def reader_that_waits():
    reader = asyncio.StreamReader()
    task = asyncio.create_task(reader.read())
    await asyncio.sleep(0)
    print(str(reader).startswith("<StreamReader waiter=<Future pending"))
    reader.feed_eof()
    await task
    print(reader)


asyncio.run(main())
