"""One request and its reply over HTTP, with httpx."""

import asyncio
import contextlib
import time

try:
    import httpx
except ModuleNotFoundError as missing:
    if missing.name != "httpx":
        raise
    raise ModuleNotFoundError("The async client needs the package httpx: pip install './clients/python[aio]', or apt install python3-httpx on Debian and Ubuntu.", name="httpx") from None

from ..errors import NoAnswer
from ..wire import MAX_REPLY_BYTES, EventReader, listening, prepared, read, url_of
from .sending import Sending


class Transport(Sending):
    """
    A server, reached by HTTP. Redirects are not followed: a key goes to nobody but whom it was meant for. Connections are kept between requests, and belong to
    the event loop of the first one; after close() the next request opens new ones.
    """

    def __init__(self, url, retry=None, clock=time.monotonic, sleep=asyncio.sleep):
        super().__init__(url, retry, sleep, clock)
        self._client = None

    async def close(self):
        client, self._client = self._client, None
        if client:
            await client.aclose()

    async def once(self, method, path, token, body, query, key, headers, timeout):
        """One try."""
        url = str(httpx.URL(url_of(self.url, path, query)))  # As httpx writes it, for that is what a signature is of.
        data, sent = prepared(method, url, token, body, key, headers)
        try:
            async with self._asked(method, url, data, sent, timeout) as response:
                status, found, text = response.status_code, response.headers, await _whole(response)
        except (httpx.HTTPError, OSError) as lost:
            raise NoAnswer(lost, key) from lost
        return read(status, found, text, key, sent)

    async def events(self, path, token, after=None, ended=None):
        """As agora.transport.Transport.events. ended: an asyncio.Event that ends it."""
        url = str(httpx.URL(url_of(self.url, path)))
        _, sent = prepared("GET", url, token, headers=listening(after))
        try:
            async with self._asked("GET", url, None, sent, self.retry.timeout) as response:
                if response.status_code != 200:
                    read(response.status_code, response.headers, await _whole(response), None, sent)
                if response.headers.get("Content-Type", "").partition(";")[0].strip() != "text/event-stream":
                    raise NoAnswer("somebody in between has answered", None)
                events = EventReader()
                async for chunk in _until(ended, response.aiter_bytes()):
                    for event in events.take(chunk):
                        yield event
        except (httpx.HTTPError, OSError, ValueError) as lost:
            if not (ended and ended.is_set()):
                raise NoAnswer(lost, None) from lost

    def _asked(self, method, url, data, sent, timeout):
        if self._client is None:
            self._client = httpx.AsyncClient(follow_redirects=False)
        return self._client.stream(method, url, content=data, headers={"Accept-Encoding": "identity", **sent}, timeout=timeout)


async def _whole(response):
    """The body, cut off where it is longer than any reply."""
    text = bytearray()
    async for chunk in response.aiter_bytes():
        text += chunk[:MAX_REPLY_BYTES - len(text)]
        if len(text) == MAX_REPLY_BYTES:
            break
    return bytes(text)


async def _until(ended, chunks):
    """The chunks until the event is set, also while none comes."""
    if ended is None:
        async for chunk in chunks:
            yield chunk
        return
    over = asyncio.ensure_future(ended.wait())
    following = None
    try:
        while not ended.is_set():
            following = asyncio.ensure_future(chunks.__anext__())
            await asyncio.wait({following, over}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                return
            try:
                yield following.result()
            except StopAsyncIteration:
                return
    finally:
        for task in (over, following):
            if task and not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
