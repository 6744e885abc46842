"""A task whose wait has ended but that has not run yet can be cancelled."""
import asyncio


async def work():
    try:
        print(await asyncio.sleep(1, "slept"))
    except asyncio.CancelledError as error:
        print(repr(error))
        raise


async def main():
    loop = asyncio.get_running_loop()
    # This timer is due just before the sleep, and cancels two turns later.
    task = asyncio.create_task(work())

    def cancel_next_turn():
        loop.call_soon(lambda: print("cancel", task.cancel("too late")))

    await asyncio.sleep(0)
    loop.call_at(1, cancel_next_turn)
    await asyncio.wait([task])
    print(task.cancelled())


asyncio.run(main())
