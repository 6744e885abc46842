"""A task ends with its coroutine, and not otherwise."""
import asyncio


async def main():
    task = asyncio.create_task(asyncio.sleep(1, "slept"))
    try:
        task.set_result("other")
    except RuntimeError as error:
        print(error)
    try:
        task.set_exception(ValueError())
    except RuntimeError as error:
        print(error)
    print(await task)


asyncio.run(main())
