"""Of nested timeouts, the one that expires is the one that throws."""
import asyncio


async def nest(outer, inner):
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        async with asyncio.timeout(outer) as outer_scope:
            try:
                async with asyncio.timeout(inner) as inner_scope:
                    await asyncio.sleep(60)
            except TimeoutError:
                print("inner throws")
            print(inner_scope.expired(), outer_scope.expired())
            await asyncio.sleep(60)
    except TimeoutError:
        print("outer throws")
    print(inner_scope.expired(), outer_scope.expired(), int(loop.time() - start))


async def main():
    await nest(2, 1)
    await nest(1, 2)
    print(asyncio.current_task().cancelling())


asyncio.run(main())
