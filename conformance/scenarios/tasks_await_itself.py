"""A task that waits for itself is told so."""
import asyncio


async def work():
    try:
        await asyncio.current_task()
    except RuntimeError as error:
        print(str(error).split(":")[0])
    await asyncio.sleep(1)
    return "fine"


async def main():
    print(await asyncio.create_task(work()))


asyncio.run(main())
