"""A shield ends as what it shields does."""
import asyncio


async def fail():
    await asyncio.sleep(1)
    raise ValueError("no luck")


async def main():
    print(await asyncio.shield(asyncio.sleep(1, "result")))
    try:
        await asyncio.shield(fail())
    except ValueError as error:
        print(repr(error))
    inner = asyncio.create_task(asyncio.sleep(60))
    asyncio.get_running_loop().call_later(1, inner.cancel, "inside")
    outer = asyncio.shield(inner)
    try:
        await outer
    except asyncio.CancelledError as error:
        print(repr(error))
    print(outer.cancelled(), asyncio.current_task().cancelling())
    print(asyncio.shield(inner) is inner)


asyncio.run(main())
