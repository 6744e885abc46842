"""readexactly() is not bound by the limit, and tells what was missing."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=3)
    for second in range(4):
        loop.call_later(second, reader.feed_data, b"abcd")
    print(await reader.readexactly(9), int(loop.time()))
    print(await reader.readexactly(0))
    task = asyncio.create_task(reader.readexactly(100))
    loop.call_later(1, reader.feed_eof)
    try:
        await task
    except asyncio.IncompleteReadError as error:
        print(error, error.partial, error.expected)
    print(int(loop.time()), reader.at_eof(), await reader.read())


asyncio.run(main())
