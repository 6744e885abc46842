"""With return_exceptions, failures and cancellations stand among the results."""
import asyncio


async def fail(seconds, name):
    await asyncio.sleep(seconds)
    raise ValueError(name)


async def main():
    task = asyncio.create_task(asyncio.sleep(60))
    asyncio.get_running_loop().call_later(2, task.cancel, "enough")
    results = await asyncio.gather(
        fail(3, "late"),
        asyncio.sleep(1, "result"),
        task,
        fail(0, "early"),
        return_exceptions=True,
    )
    for result in results:
        print(repr(result))
    print(asyncio.current_task().cancelling())


asyncio.run(main())
