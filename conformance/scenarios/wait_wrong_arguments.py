"""wait() takes futures and tasks, and at least one."""
import asyncio


async def attempt(argument, **options):
    try:
        await asyncio.wait(argument, **options)
    except (TypeError, ValueError) as error:
        print(type(error).__name__)


async def main():
    task = asyncio.create_task(asyncio.sleep(1))
    coro = asyncio.sleep(1)
    await attempt([])
    await attempt([coro])
    await attempt(task)
    await attempt([task], return_when="SOMETIMES")
    coro.close()
    done, pending = await asyncio.wait({task, task})
    print(len(done), len(pending))


asyncio.run(main())
