"""What a coroutine throws comes out of its task, the very same object."""
import asyncio

error = ValueError("no luck")


async def fail():
    await asyncio.sleep(1)
    raise error


async def fail_at_once():
    raise error


async def main():
    for failing in (fail, fail_at_once):
        task = asyncio.create_task(failing())
        try:
            await task
        except ValueError as caught:
            print(repr(caught), caught is error)
        print(task.done(), task.cancelled(), task.exception() is error)
        try:
            task.result()
        except ValueError as caught:
            print(caught is error)


asyncio.run(main())
