"""How timeouts and groups print."""
import asyncio


async def main():
    async with asyncio.timeout(None) as scope:
        print(scope)
    print(scope)
    try:
        async with asyncio.timeout(1.5) as scope:
            print(scope)
            try:
                await asyncio.sleep(60)
            finally:
                print(scope)
    except TimeoutError:
        print(scope)
    async with asyncio.TaskGroup() as tg:
        print(tg)
        task = tg.create_task(asyncio.sleep(1))
        tg.create_task(asyncio.sleep(2))
        print(tg)
        await task
        print(tg)
    print(tg)


asyncio.run(main())
