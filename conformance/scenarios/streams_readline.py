"""readline() joins chunks, gives the last line as it is, and drops long ones."""
import asyncio


async def attempt(reader):
    try:
        print(await reader.readline())
    except ValueError as error:
        print("error:", error)


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=8)
    for second, chunk in enumerate((b"one", b" li", b"ne\nnext", b"\n")):
        loop.call_later(second, reader.feed_data, chunk)
    await attempt(reader)
    print(int(loop.time()), reader)
    await attempt(reader)
    reader.feed_data(b"exactly8\n9 or more\nok\n")
    for _ in range(3):
        await attempt(reader)
    task = asyncio.create_task(attempt(reader))
    await asyncio.sleep(0)
    reader.feed_data(b"no end in")
    reader.feed_data(b" sight")
    await task
    print(reader)
    reader.feed_data(b"the last")
    reader.feed_eof()
    await attempt(reader)
    await attempt(reader)


asyncio.run(main())
