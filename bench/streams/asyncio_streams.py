"""The workloads of bench/streams.ts with CPython's asyncio.

Usage: asyncio_streams.py WORKLOAD CONNECTIONS AMOUNT [uvloop],
asyncio_streams.py receive 0 0 [uvloop], or
asyncio_streams.py send-to PORT AMOUNT [uvloop]
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
    others = await round_()
    seconds = time.perf_counter() - start
    cpu = time.process_time() - before + (others or 0)
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
    before = time.process_time()
    while data := await reader.read(BLOCK):
        received += len(data)
    cpu = time.process_time() - before
    writer.write(json.dumps({"received": received, "cpu": cpu}).encode())
    writer.close()


async def send(port, total):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    block = bytes(BLOCK)
    for _ in range(0, total, BLOCK):
        writer.write(block)
        await writer.drain()
    writer.write_eof()
    receipt = json.loads(await reader.read())
    assert receipt["received"] == total
    writer.close()
    return receipt["cpu"]


async def main():
    workload, connections, amount = sys.argv[1:4]
    count, amount = int(connections), int(amount)
    if workload == "send-to":
        await report(lambda: send(count, amount), amount)
        return
    handler = echo if workload == "echo" else receive
    server = await asyncio.start_server(handler, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    if workload == "echo":
        times = -(-amount // count)

        async def round_():
            await asyncio.gather(*[client(port, times) for _ in range(count)])

        await report(round_, times * count)
    elif workload == "receive":
        print(port, flush=True)
        await server.serve_forever()
    else:

        async def transfer():
            await send(port, amount)  # its time is of this process

        await report(transfer, amount)
    server.close()


if sys.argv[4:] == ["uvloop"]:
    import uvloop

    uvloop.install()
asyncio.run(main())
