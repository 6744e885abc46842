"""A handle calls its callback off, at any time before it runs."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    soon = loop.call_soon(print, "never")
    later = loop.call_later(1, print, "never later")
    soon.cancel()
    print(soon.cancelled(), later.cancelled())
    # The first one runs in the turn that the second one is ready in.
    loop.call_soon(lambda: second.cancel())
    second = loop.call_soon(print, "never either")
    await asyncio.sleep(0)
    print(second.cancelled())
    later.cancel()
    later.cancel()
    await asyncio.sleep(2)
    ran = loop.call_soon(print, "runs")
    await asyncio.sleep(0)
    print(ran.cancelled())


asyncio.run(main())
