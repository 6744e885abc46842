"""readuntil() finds separators across chunks, and leaves what is too long."""
# needs: 3.13
import asyncio


async def attempt(coro):
    try:
        print(await coro)
    except asyncio.LimitOverrunError as error:
        print("limit:", error, error.consumed)
    except asyncio.IncompleteReadError as error:
        print("incomplete:", error, error.partial, error.expected)
    except ValueError as error:
        print("error:", error)


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=10)
    for second, chunk in enumerate((b"dataS", b"E", b"PmoreSEP", b"a;b,c")):
        loop.call_later(second, reader.feed_data, chunk)
    await attempt(reader.readuntil(b"SEP"))
    await attempt(reader.readuntil(b"SEP"))
    print(int(loop.time()))
    await attempt(reader.readuntil((b",", b";")))
    await attempt(reader.readuntil((b"b,c", b",")))
    await attempt(reader.readuntil((b"c", b",c")))
    reader.feed_data(b"much too long;")
    await attempt(reader.readuntil(b";"))
    await attempt(reader.readuntil(b"|"))
    await attempt(reader.readuntil(b"mis"))
    print(await reader.readexactly(14))
    reader.feed_data(b"the endSE")
    reader.feed_eof()
    await attempt(reader.readuntil(b"SEP"))
    await attempt(reader.readuntil())
    print(reader.at_eof())


asyncio.run(main())
