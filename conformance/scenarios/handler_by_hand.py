"""call_exception_handler() passes on any context; a handler may fail itself."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def handler(loop, context):
        print("handler:", context["message"], context.get("note"))
        if context["message"] == "twice":
            raise ValueError("the handler has failed")

    loop.set_exception_handler(handler)
    loop.call_exception_handler({"message": "once", "note": "by hand"})
    loop.call_exception_handler({"message": "twice"})
    loop.set_exception_handler(None)
    loop.call_exception_handler({"message": "to the default handler"})
    for wrong in (1, "text"):
        try:
            loop.set_exception_handler(wrong)
        except TypeError:
            print("TypeError")


asyncio.run(main())
