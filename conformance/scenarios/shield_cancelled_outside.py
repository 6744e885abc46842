"""Who waits for a shield is cancelled; what is shielded runs on."""
import asyncio


async def work():
    try:
        await asyncio.sleep(2)
        print("work ends")
        return "result"
    except asyncio.CancelledError:
        print("never")


async def waiter(task):
    try:
        print(await asyncio.shield(task))
    except asyncio.CancelledError as error:
        print("waiter", repr(error), task.cancelling())
        raise


async def main():
    inner = asyncio.create_task(work())
    outer = asyncio.create_task(waiter(inner))
    await asyncio.sleep(1)
    outer.cancel("enough")
    await asyncio.wait([outer])
    print(outer.cancelled(), inner.done())
    print(await inner, await asyncio.shield(inner))


asyncio.run(main())
