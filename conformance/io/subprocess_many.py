"""Many processes run at once, and each gives its own output."""
import asyncio
from asyncio.subprocess import PIPE


async def output_of(text):
    process = await asyncio.create_subprocess_exec("echo", text, stdout=PIPE)
    stdout, _ = await process.communicate()
    return stdout.decode().strip()


async def main():
    print(await asyncio.gather(*[output_of(f"foo{i}") for i in range(10)]))


asyncio.run(main())
