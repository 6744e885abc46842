"""An exception of the stream ends the read that waits, and all later ones."""
import asyncio


async def attempt(coro):
    try:
        print(await coro)
    except OSError as error:
        print(type(error).__name__, error)


async def main():
    reader = asyncio.StreamReader()
    print(reader.exception(), reader.at_eof())
    task = asyncio.create_task(attempt(reader.readline()))
    await asyncio.sleep(0)
    reader.set_exception(OSError("lost"))
    await task
    await attempt(reader.read(2))
    await attempt(reader.readexactly(0))
    await attempt(reader.readuntil())
    print(reader.exception())
    other = asyncio.StreamReader()
    task = asyncio.create_task(attempt(other.read()))
    await asyncio.sleep(0)
    task.cancel()
    other.set_exception(OSError("after the cancellation"))
    await asyncio.wait([task])
    print(task.cancelled())
    await attempt(other.read())


asyncio.run(main())
