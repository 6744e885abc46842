"""A time limit ends a wait for a process, and not the process."""
import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    try:
        await asyncio.wait_for(process.wait(), 0.05)
    except asyncio.TimeoutError:
        print("still running", process.returncode)
    try:
        await asyncio.wait_for(process.stdout.readline(), 0.05)
    except asyncio.TimeoutError:
        print("nothing to read")
    process.stdin.write(b"part")
    try:
        await asyncio.wait_for(process.stdout.readline(), 0.05)
    except asyncio.TimeoutError:
        print("no whole line")
    process.stdin.write(b" and the rest\n")
    print((await process.stdout.readline()).decode().rstrip())
    process.stdin.close()
    print(await process.wait())


asyncio.run(main())
