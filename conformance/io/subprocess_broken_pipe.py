"""A process that reads no more breaks the pipe; communicate() ignores that."""
import asyncio
from asyncio.subprocess import PIPE

DATA = b"x" * 4_000_000


async def main():
    process = await asyncio.create_subprocess_shell("head -c 1 >&2", stdin=PIPE,
                                                    stderr=PIPE)
    process.stdin.write(DATA)
    try:
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        print("the pipe is broken")
    print(await process.wait())

    process = await asyncio.create_subprocess_exec("true", stdin=PIPE)
    await process.wait()
    await asyncio.sleep(0.1)  # CPython notices a little later
    process.stdin.write(b"too late")
    try:
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        print("the pipe is broken")

    process = await asyncio.create_subprocess_exec("true", stdin=PIPE)
    print(await process.communicate(DATA))
    print(process.returncode)


asyncio.run(main())
