"""A line that is longer than the limit is an error, and the next is read."""
import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_shell("echo 0123456789; echo ok",
                                                    stdout=PIPE, limit=8)
    await asyncio.sleep(0.1)
    try:
        await process.stdout.readline()
    except ValueError:
        print("too long")
    print((await process.stdout.readline()).decode().rstrip())

    # communicate() takes no notice of it.
    process = await asyncio.create_subprocess_shell("head -c 100000 /dev/zero",
                                                    stdout=PIPE, limit=8)
    print(len((await process.communicate())[0]))


asyncio.run(main())
