"""How work goes on beside the caller, by threads. agora.aio.doing is the same by tasks."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

JOIN_SECONDS = 5
Event, Lock = threading.Event, threading.Lock
_log = logging.getLogger("agora")


class Workers(ThreadPoolExecutor):
    """So many threads at once. The block is left when all work has ended. Work that fails is logged."""

    def submit(self, function, *arguments):
        work = super().submit(function, *arguments)
        work.add_done_callback(log_failure)
        return work


def log_failure(work):
    """work: a future or task that has ended."""
    if not work.cancelled() and work.exception():
        _log.error("An answer was lost.", exc_info=work.exception())


def passed(event, seconds):
    """Whether the event is set within so many seconds."""
    return event.wait(seconds)


def begin(function, *arguments):
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def joined(thread):
    """Waits for it, for JOIN_SECONDS at most: it may be trying to reach a server that is away. It is a daemon, so the process can end before it."""
    thread.join(JOIN_SECONDS)


def call(function, *arguments):
    """What a provider's function gives."""
    return function(*arguments)
