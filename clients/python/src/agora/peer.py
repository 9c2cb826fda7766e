# Made of agora/aio/peer.py by clients/generate.py: not to be edited.
"""An agent among agents: its conversations, its one inbox, and what it is paid for there. docs/conversations.md says what stands behind it."""

import logging
import os
import time
from typing import Iterator
from urllib.parse import quote
from uuid import UUID

from . import types
from .errors import AgoraError
from .provider import Call, Refused, TryAgain
from .wire import Signed
from .agent import agent_of, tenant_of
from .doing import Event, Workers, begin, call, joined, passed
from .transport import Transport

PROBLEM = "application/problem+json"
_LOOK, _LEASE, _GRACE = 20, 60, 30
_log = logging.getLogger("agora")


class Unanswered(AgoraError):
    """Nobody has replied in time. A later reply stands in the conversation, behind the word `unanswered`."""

    def __init__(self, message_id):
        super().__init__(0, {"code": "unanswered", "message": f"There is no reply to {message_id} in time."})
        self.message_id = message_id


class Peer:
    """
    What an agent says and hears by its own key, or its signatures.

    url, key: else AGENT_API_URL and AGENT_API_KEY of the environment; no key is needed with sign and keys. cursor: where its inbox goes on; None: from the first entry, "now": from now on. Keep `cursor` wherever the process may end: what comes
    behind it is what would have come.

    seal: what is said is sealed to whoever takes part, and what was sealed is opened, which needs the extra `e2e`; docs/encryption.md says what that promises. keys_path: of the key ring, which is made where there is
    none; else AGORA_KEYS of the environment, else AGENT.keys.json; keys: a KeyRing in its place.

    sign: each request is signed by the key that signs the agent's card, and carries no API key, which needs the extra `e2e` too (docs/signed-requests.md). The key, where there is one, only keeps the card in the registry: the
    first card needs it. session_id: within this open session of the agent's; None: as the agent itself. tenant: its name; None: that of the key, without one `default`.

    key_changed(agent, known, given, is_rotation) is told of a peer that signs by another key than before, in place of the log.
    """

    def __init__(self, url=None, key=None, cursor=None, retry=None, seal=False, keys_path=None, keys=None, key_changed=None, sign=False, session_id=None, tenant=None):
        self.transport = Transport(url or os.environ.get("AGENT_API_URL", "http://127.0.0.1:8080"), retry)
        self.key, self.cursor = key or (None if sign and keys else os.environ.get("AGENT_API_KEY")), cursor
        self.agent_id, self._seal, self._registry, self._signed = agent_of(self.key), seal, None, None
        if sign and keys and not self.key:
            self.agent_id = keys.agent
        if self.agent_id is None:
            raise ValueError("A peer needs its agent's own key: pass key=…, or set AGENT_API_KEY; or sign=True, and keys=… whose card is registered.")
        if seal or sign:
            from .cards import Cards  # It needs the package cryptography.

            self._registry = Cards(self, keys, keys_path, key_changed)
            if self._registry.ring.agent != self.agent_id:
                raise ValueError(f"The key is {self.agent_id}'s, and the ring {self._registry.ring.agent}'s.")
        if sign:
            self._signed = Signed(self._registry.ring, session_id, tenant or tenant_of(self.key))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.transport.close()

    def request(self, method, path, body=None, query=None, key=None):
        """Any route among agents. Without a key the client makes one, and keeps it until there is an answer."""
        return self.transport.send(method, path, self._credential(), body, query, key)

    def request_of_card(self, method, body=None):
        """Its own card is kept with the API key, where there is one."""
        return self.transport.send(method, f"/agents/{quote(self.agent_id, safe=':')}", self.key or self._signed._replace(session=None), body)

    def open(self, *participants, topic=None, **more) -> types.ConversationData:
        """Opens a conversation with others: each is told, and hears one message until it joins or answers. more: open, limits."""
        self._ready()
        return self.request("POST", "/conversations", {"participants": list(participants), **({"topic": topic} if topic is not None else {}), **more})

    def conversation(self, conversation_id) -> types.ConversationData:
        return self.request("GET", _path(conversation_id))

    def say(self, conversation_id, content, message_id=None, content_type=None, **more):
        """
        Says any JSON value. It is durable when this returns, and said once however often it is tried. more: reply_to, more (it is a part of a reply), reply_within_seconds, on_behalf_of (an entry: the request that is served
        by this one), ttl_seconds.
        """
        message_id = message_id or message_id_now()
        if self._seal:
            content, content_type = self._registry.seal(content, content_type, conversation_id, message_id)
        return self._say(conversation_id, content, message_id, content_type, **more)

    def _say(self, conversation_id, content, message_id, content_type=None, on_behalf_of=None, **more):
        body = {"message_id": message_id, "content": content, **more}
        if content_type is not None:
            body["content_type"] = content_type
        if on_behalf_of is not None:
            body["on_behalf_of"] = {name: on_behalf_of[name] for name in ("conversation_id", "message_id")}
        return self.request("POST", f"{_path(conversation_id)}/messages", body)

    def reply(self, message, content, message_id=None, **more):
        """Replies to an entry of the inbox, once: the reply's id follows from the message's."""
        return self.say(message["conversation_id"], content, message_id or f"reply-{message['message_id']}", reply_to=message["message_id"], **more)

    def reply_in_parts(self, message, parts):
        """Replies in parts: the request stays open until the last of them, or its deadline."""
        before, nth = None, 0
        for nth, part in enumerate(parts):
            if nth:
                self.reply(message, before, f"reply-{message['message_id']}-{nth}", more=True)
            before = part
        return self.reply(message, before)

    def ask(self, conversation_id, content, within=60, **more) -> types.InboxEntryData:
        """Asks, and waits for the reply: of one in parts for the last. Raises Unanswered where there is none in so many seconds."""
        return [part for part in self.ask_in_parts(conversation_id, content, within, **more)][-1]

    def ask_in_parts(self, conversation_id, content, within=60, message_id=None, **more) -> Iterator[types.InboxEntryData]:
        """Asks, and tells each part of the reply when it comes."""
        message_id, cursor = message_id or message_id_now(), (self._page(0, after="now"))["next_cursor"]
        self.say(conversation_id, content, message_id, reply_within_seconds=within, **more)
        end = time.monotonic() + within + _GRACE
        while time.monotonic() < end:
            page = self._page(_LOOK, after=cursor)
            for entry in page["entries"]:
                if entry["conversation_id"] != conversation_id:
                    continue
                if entry["kind"] == "unanswered" and entry["message_id"] == message_id:
                    raise Unanswered(message_id)
                if entry["kind"] == "message" and entry["reply_to"] == message_id:
                    yield self._opened(entry)
                    if not entry.get("more"):
                        return
            cursor = page["next_cursor"]
        raise Unanswered(message_id)

    def invite(self, conversation_id, agent_id):
        return self.request("POST", f"{_path(conversation_id)}/invite", {"agent_id": agent_id})

    def join(self, conversation_id):
        self._ready()
        return self.request("POST", f"{_path(conversation_id)}/join")

    def leave(self, conversation_id):
        return self.request("POST", f"{_path(conversation_id)}/leave")

    def close(self, conversation_id):
        return self.request("POST", f"{_path(conversation_id)}/close")

    def acknowledge(self, conversation_id, number):
        """Everything up to this entry was received: it becomes no dead letter."""
        return self.request("POST", f"{_path(conversation_id)}/acknowledge", {"number": number})

    def register(self, **card):
        """Says in the registry what this agent is and offers, under its own keys: name, description, skills, endpoints. What is left out stays as it stands. Needs seal or sign."""
        self._cards.register(card)

    def heartbeat(self, lease_seconds=_LEASE):
        """Says that this agent is there. Skills are asked of agents that are there."""
        self._cards.ready()
        return self.request("POST", f"/agents/{quote(self.agent_id, safe=':')}/heartbeat", {"lease_seconds": lease_seconds})

    def accept(self, agent_id):
        """From now on the key that the registry shows is this peer's, whatever was seen before. Not without asking the peer by another way."""
        self._cards.accept(agent_id)

    def rotate_signing_key(self):
        """Another signing key in place of the present one, which signs for it, and is destroyed when the registry has the card by the next one. Peers are told."""
        self._cards.rotate_signing_key()

    def inbox(self, wait=True, ended=None) -> Iterator[types.InboxEntryData]:
        """
        What all its conversations tell it, in one order, each entry once. A connection that is cut, at any byte, is opened again behind the last entry, later each time; NoAnswer where the deadline of `retry` passes without a
        word. `cursor` moves on when an entry was taken. wait=False: as much as there is now; ended: a threading.Event, which ends it. Of a sealed message `sealed` is true, and where it stays closed `unopened` says why.
        """
        self._ready()
        if self.cursor == "now":
            self.cursor = (self._page(0))["next_cursor"]  # A stream that is cut before its first event has no other place to go on from.
        for cursor, entry in self._told(ended) if wait else self._there():
            yield self._opened(entry)
            self.cursor = cursor

    def _there(self):
        cursor = self.cursor
        while True:
            page = self._page(0, after=cursor)
            *before, last = page["entries"] or (None,)
            if last is None:
                return
            for entry in before:
                yield cursor, entry
            cursor = page["next_cursor"]
            yield cursor, last

    def _told(self, ended):
        clock, retry = self.transport.clock, self.transport.retry
        cursor, attempt, heard = self.cursor, 0, clock()
        while not (ended and ended.is_set()):
            self._ready()  # Who listens for days has the key of the day, also where it says nothing.
            connected, pause = clock(), 0.05 * attempt
            path = "/agent/inbox" if cursor is None else f"/agent/inbox?after={quote(cursor, safe='')}"
            try:
                for cursor, entry in self.transport.events(path, self._credential(), cursor, ended):
                    attempt, heard = 0, clock()
                    yield cursor, entry
            except AgoraError as lost:
                pause = retry.pause(lost, attempt)
                if pause is None or clock() - heard >= retry.deadline:
                    raise
            attempt += 1
            if clock() - connected >= retry.timeout:
                attempt, heard = 0, clock()  # It was there for so long, with nothing to say.
            self.transport.sleep(pause)

    def messages(self, conversation_id) -> Iterator[types.InboxEntryData]:
        """What was said in one conversation, as far as this agent was to hear it, its own words included."""
        query = {}
        while True:
            page = self.request("GET", f"{_path(conversation_id)}/messages", query=query)
            for entry in page["entries"]:
                yield self._opened(entry)
            if not page["entries"]:
                return
            query = {"after": page["next_cursor"]}

    def offer(self, *services, workers=8, ended=None):
        """
        Answers whoever pays for these services, whose endpoint is `agent:` and the id of this agent, or `skill:` and a skill of its card, until `ended` (a threading.Event) is set. The answer is what the function returns;
        `Refused` says no, and `TryAgain` nothing: then, and where it fails, the run costs nothing.
        """
        offered, over, missed = {one.service_id: one for one in services}, Event(), []
        if self._registry:
            self.heartbeat()  # Nobody asks an agent that is not there.
        staying = begin(self._stay, ended or Event(), over, missed)
        try:
            with Workers(workers) as pool:
                for entry in self.inbox(ended=over):
                    asked = entry["content"]
                    if entry["kind"] == "message" and isinstance(asked, dict) and asked.get("service_id") in offered and entry.get("run_id"):
                        pool.submit(self._answer, offered[asked["service_id"]], entry, asked)
        finally:
            over.set()
            joined(staying)
        if missed:
            raise missed[0]

    def _stay(self, ended, over, missed):
        """Says again and again that this agent is there, until it is over: when that is asked for, or nobody hears it."""
        beat = time.monotonic()
        try:
            while not passed(ended, 0.1) and not over.is_set():
                if self._registry and time.monotonic() - beat > _LEASE / 3:
                    self.heartbeat()
                    beat = time.monotonic()
        except AgoraError as lost:
            missed.append(lost)
        finally:
            over.set()

    def _answer(self, service, request, asked):
        try:
            refused = service.refused(asked.get("input"))
            if refused:
                raise refused
            self.serve(request, call(_output, service, asked["input"], Call(request["run_id"])))
        except TryAgain:
            _log.info("Run %s of %s is not answered.", request["run_id"], service.service_id)
        except Refused as no:
            self.serve(request, {"code": no.code, "title": no.message}, PROBLEM)
        except Exception:
            _log.exception("Run %s of %s has failed.", request["run_id"], service.service_id)
            self.serve(request, {"code": "internal", "title": "The agent has failed."}, PROBLEM)

    def serve(self, run, output, content_type=None):
        """Replies in the clear to who runs a service, for Agora reads that. content_type application/problem+json says no, and costs nothing."""
        return self._say(run["conversation_id"], output, f"reply-{run['message_id']}", content_type, reply_to=run["message_id"])

    def _page(self, wait, after=None):
        query = {"wait_seconds": wait, "after": after or self.cursor}
        return self.request("GET", "/agent/inbox", query={name: value for name, value in query.items() if value is not None})

    @property
    def _cards(self):
        if self._registry is None:
            raise ValueError("An agent's card is signed by its keys: pass seal=True or sign=True.")
        return self._registry

    def _ready(self):
        """Whoever hears of this agent finds its card."""
        if self._registry:
            self._registry.ready()

    def _credential(self):
        """A signature counts by the card that the registry has."""
        if self._signed is None:
            return self.key
        self._ready()
        return self._signed

    def _opened(self, entry):
        return self._registry.open(entry) if self._seal else entry


def _output(service, value, run):
    output = service.run(value, run)
    return service.answered(list(output) if service.streams else output)


def message_id_now():
    """A UUIDv7 (RFC 9562): a message under it is known again for two minutes, at no cost."""
    stamp = time.time_ns() // 1_000_000
    return str(UUID(int=(stamp << 80) | (7 << 76) | (int.from_bytes(os.urandom(2), "big") >> 4 << 64) | (2 << 62) | (int.from_bytes(os.urandom(8), "big") >> 2)))


def _path(conversation_id):
    return f"/conversations/{quote(str(conversation_id), safe='')}"
