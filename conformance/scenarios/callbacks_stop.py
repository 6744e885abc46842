"""stop() ends the loop after the turn; what was scheduled waits for the next run."""
import asyncio

loop = asyncio.new_event_loop()


def stop():
    print("stop", loop.is_running())
    loop.stop()
    loop.call_soon(print, "in the next run")


loop.call_soon(stop)
loop.call_soon(print, "still in this turn")
loop.call_later(1, print, "timer")
print("nothing has run")
loop.run_forever()
print("stopped", loop.is_running())
loop.call_later(2, loop.stop)
loop.run_forever()
print("stopped again", int(loop.time()))
loop.close()
print(loop.is_closed())
