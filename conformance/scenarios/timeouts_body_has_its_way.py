"""A body that catches the cancellation, or throws another error, has its way."""
import asyncio


async def main():
    async with asyncio.timeout(1) as scope:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("caught")
    print("no error", scope.expired(), asyncio.current_task().cancelling())
    try:
        async with asyncio.timeout(1) as scope:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise ValueError("other")
    except ValueError as error:
        print(repr(error), scope.expired(), asyncio.current_task().cancelling())
    try:
        async with asyncio.timeout(1) as scope:
            raise ValueError("before")
    except ValueError as error:
        print(repr(error), scope.expired())
    await asyncio.sleep(5)


asyncio.run(main())
