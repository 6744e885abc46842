"""Cancelling a task that waits in gather() reaches the children."""
import asyncio


async def child(name):
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        print(name, repr(error))
        if name == "stubborn":
            return "survived"
        raise


async def parent(**options):
    names = ("one", "stubborn", "two")
    results = await asyncio.gather(*[child(name) for name in names], **options)
    print(results)


async def main():
    for options in ({}, {"return_exceptions": True}):
        task = asyncio.create_task(parent(**options))
        await asyncio.sleep(1)
        task.cancel("from main")
        try:
            await task
        except asyncio.CancelledError as error:
            print("main got", repr(error))
        print(task.cancelled())


asyncio.run(main())
