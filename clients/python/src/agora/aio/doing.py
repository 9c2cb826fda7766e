"""How work goes on beside the caller, by tasks of its event loop. agora.doing is the same by threads."""

import asyncio
import functools

Event, Lock = asyncio.Event, asyncio.Lock


class Workers:
    """So many coroutines at once. The next one waits for a place; the block is left when all have ended."""

    def __init__(self, most):
        self._places, self._tasks = asyncio.Semaphore(most), set()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await asyncio.gather(*self._tasks)

    async def submit(self, function, *arguments):
        await self._places.acquire()
        task = asyncio.ensure_future(function(*arguments))
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task):
        self._tasks.discard(task)
        self._places.release()


async def passed(event, seconds):
    """Whether the event is set within so many seconds."""
    try:
        return await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return False


def begin(function, *arguments):
    return asyncio.ensure_future(function(*arguments))


async def joined(task):
    await task


async def call(function, *arguments):
    """What a provider's function gives: in a thread, for it may take its time."""
    return await asyncio.get_running_loop().run_in_executor(None, functools.partial(function, *arguments))
