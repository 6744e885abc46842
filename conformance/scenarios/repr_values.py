"""Long results are shortened, strings are quoted and escaped."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    values = [
        None,
        True,
        1,
        -1.5,
        "it's",
        'both \' and "',
        "line\nbreak\ttab\\",
        "x" * 50,
        "暂停了1秒",
        list(range(10)),
        [[1, [2, [3, [4, [5, [6, [7]]]]]]]],
        10**50,
        ["a" * 40],
        [],
    ]
    for value in values:
        future = loop.create_future()
        future.set_result(value)
        print(future)


asyncio.run(main())
