"""A process reads what is written to it, and its output ends with it."""
import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    print(process.returncode, process.stderr)
    process.stdin.write(b"one\ntwo\nthree")
    await process.stdin.drain()
    print((await process.stdout.readline()).decode().rstrip())
    process.stdin.close()
    print((await process.stdout.read()).decode())
    print(process.stdout.at_eof(), len(await process.stdout.read()))
    print(await process.wait(), process.returncode, await process.wait())


asyncio.run(main())
