"""The workloads of bench/streams.ts with CPython's asyncio.

Usage: asyncio_streams.py WORKLOAD CONNECTIONS AMOUNT [uvloop]
"""

import asyncio
import json
import sys
import time

MESSAGE = 1024
BLOCK = 65536


async def report(round_, amount):
    await round_()
    before = time.process_time()
    start = time.perf_counter()
    await round_()
    seconds = time.perf_counter() - start
    cpu = time.process_time() - before
    print(json.dumps({"seconds": seconds, "cpu": cpu, "amount": amount}))


async def echo(reader, writer):
    while data := await reader.read(BLOCK):
        writer.write(data)
        await writer.drain()
    writer.close()


async def client(port, times):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    message = b"a" * MESSAGE
    for _ in range(times):
        writer.write(message)
        await writer.drain()
        await reader.readexactly(MESSAGE)
    writer.close()
    await writer.wait_closed()


async def receive(reader, writer):
    received = 0
    while data := await reader.read(BLOCK):
        received += len(data)
    writer.write(str(received).encode())
    writer.close()


async def send(port, total):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    block = bytes(BLOCK)
    for _ in range(0, total, BLOCK):
        writer.write(block)
        await writer.drain()
    writer.write_eof()
    assert int(await reader.read()) == total
    writer.close()


async def main():
    workload, connections, amount = sys.argv[1:4]
    count, amount = int(connections), int(amount)
    handler = echo if workload == "echo" else receive
    server = await asyncio.start_server(handler, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    if workload == "echo":
        times = -(-amount // count)

        async def round_():
            await asyncio.gather(*[client(port, times) for _ in range(count)])

        await report(round_, times * count)
    else:
        await report(lambda: send(port, amount), amount)
    server.close()


if sys.argv[4:] == ["uvloop"]:
    import uvloop

    uvloop.install()
asyncio.run(main())
