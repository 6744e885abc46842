"""read() gives what there is, takes no turn if it can, and ends at the end."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    reader.feed_data(b"hello world")
    loop.call_soon(print, "a turn")
    print(await reader.read(5), await reader.read(0), await reader.read(1))
    await asyncio.sleep(0)
    task = asyncio.create_task(reader.read(100))
    print(await task)
    task = asyncio.create_task(reader.read(3))
    await asyncio.sleep(1)
    print(task.done())
    loop.call_later(1, reader.feed_data, b"")
    loop.call_later(2, reader.feed_data, b"late data")
    print(await task, int(loop.time()))
    task = asyncio.create_task(reader.read())
    loop.call_later(1, reader.feed_data, b" and more")
    loop.call_later(2, reader.feed_eof)
    print(await task, int(loop.time()), reader.at_eof())
    print(await reader.read(), await reader.read(7), await reader.read(0))


asyncio.run(main())
