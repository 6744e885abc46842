"""A loop that was stopped before it runs takes exactly one turn."""
import asyncio

loop = asyncio.new_event_loop()
loop.call_soon(lambda: loop.call_soon(print, "second turn"))
loop.call_soon(print, "first turn")
loop.stop()
loop.run_forever()
print("stopped")
loop.stop()
loop.run_forever()
print("stopped again")
loop.stop()
print(loop.run_until_complete(asyncio.sleep(1, "complete")))
loop.close()
