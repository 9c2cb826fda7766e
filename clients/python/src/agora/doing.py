"""How work goes on beside the caller, by threads. agora.aio.doing is the same by tasks."""

import threading
from concurrent.futures import ThreadPoolExecutor

Event, Lock, Workers = threading.Event, threading.Lock, ThreadPoolExecutor


def passed(event, seconds):
    """Whether the event is set within so many seconds."""
    return event.wait(seconds)


def begin(function, *arguments):
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def joined(thread):
    thread.join()


def call(function, *arguments):
    """What a provider's function gives."""
    return function(*arguments)
