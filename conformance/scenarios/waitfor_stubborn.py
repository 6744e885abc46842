"""What ends in its own way when its time is over has its way."""
# needs: 3.12
import asyncio


async def returns():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        return "all the same"


async def fails():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        raise ValueError("all the same")


async def main():
    for stubborn in (returns, fails):
        try:
            print(await asyncio.wait_for(stubborn(), 1))
        except (ValueError, TimeoutError) as error:
            print(repr(error))
        print(asyncio.current_task().cancelling())
    print(int(asyncio.get_running_loop().time()))


asyncio.run(main())
