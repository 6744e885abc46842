"""A cancellation from elsewhere comes out as it is."""
import asyncio


async def work(scopes):
    try:
        async with asyncio.timeout(10) as scope:
            scopes.append(scope)
            await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        print("work got", repr(error), asyncio.current_task().cancelling())
        raise


async def main():
    loop = asyncio.get_running_loop()
    scopes = []
    task = asyncio.create_task(work(scopes))
    await asyncio.sleep(1)
    task.cancel("from outside")
    await asyncio.wait([task])
    print(task.cancelled(), scopes[0].expired(), int(loop.time()))


asyncio.run(main())
