"""How work goes on beside the caller, by tasks of its event loop. agora.doing is the same by threads."""

import asyncio
import functools

from ..doing import log_failure

Event = asyncio.Event


class Lock:
    """An asyncio.Lock that is made when it is first taken: until Python 3.10 a lock belongs to the event loop of the moment in which it is made."""

    def __init__(self):
        self._lock = None

    async def __aenter__(self):
        self._lock = self._lock or asyncio.Lock()
        await self._lock.acquire()

    async def __aexit__(self, *_):
        self._lock.release()


class Workers:
    """So many coroutines at once. The next one waits for a place; the block is left when all have ended. One that fails is logged."""

    def __init__(self, most):
        self._places, self._tasks = asyncio.Semaphore(most), set()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def submit(self, function, *arguments):
        await self._places.acquire()
        task = asyncio.ensure_future(function(*arguments))
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task):
        self._tasks.discard(task)
        self._places.release()
        log_failure(task)


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
