"""What a process has written can be read after its end, slowly."""
import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_shell("head -c 30000 /dev/zero; exit 1",
                                                    stdout=PIPE)
    print(await process.wait())
    sizes = 0
    while data := await process.stdout.read(4096):
        sizes += len(data)
        await asyncio.sleep(0.001)
    print(sizes)

    process = await asyncio.create_subprocess_shell("head -c 300000 /dev/zero; exit 2",
                                                    stdout=PIPE)
    sizes = 0
    while data := await process.stdout.read(65536):
        sizes += len(data)
        await asyncio.sleep(0.001)
    print(sizes, await process.wait())


asyncio.run(main())
