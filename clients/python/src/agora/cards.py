# Made of agora/aio/cards.py by clients/generate.py: not to be edited.
"""An agent's cards: its own, which the registry has as its keys are, and those of its peers, by which it seals what it says and opens what it hears."""

import json
import logging
import os
import time
from datetime import datetime
from urllib.parse import quote

from .errors import AuthenticationError, NotFound
from .sealed.errors import CannotOpen, CardInvalid, KeyChanged, SealedError
from .sealed.message import SEALED_TYPE
from .sealed.primitives import bytes_of
from .sealed.ring import AgentCard, KeyRing
from .doing import Lock

_KEPT_SECONDS = 300  # A key that another has followed still opens for days.
_log = logging.getLogger("agora")


class Cards:
    """Who takes part is asked for each message, so nothing is sealed to an agent that has left. peer: agora.Peer. keys: a KeyRing, or None: the one of the file, which is made where there is none."""

    def __init__(self, peer, keys=None, path=None, changed=None):
        self._peer, self._changed, self._cards, self._registering, self._registered = peer, changed, {}, Lock(), None
        self.ring = keys or self._ring(path or os.environ.get("AGORA_KEYS") or f"{peer.agent_id}.keys.json")

    def ready(self):
        """The registry has this agent's keys as they are now: a key whose epoch is over was followed by the next."""
        self.ring.rekey()
        if self._registered != self.ring.key_ids:
            self.register(None)

    def register(self, said):
        """said: members of the card; None: what stands, if only the keys are those of the ring."""
        with self._registering:
            self._put(said)

    def rotate_signing_key(self):
        """Between the key before and the card by the next one nothing else is registered, nor rotated: of the two keys that are kept one is the registry's."""
        with self._registering:
            self._put(None)
            self.ring.begin_rotation()
            self._put(None)

    def _put(self, said):
        keys, stands = self.ring.key_ids, self._find(self._peer.agent_id)
        if said is not None or stands is None or keys != (stands["signing_key"]["x"], stands["encryption_key"]["x"]):
            name = self._peer.agent_id
            card = json.loads(bytes_of(stands["card"].split(".")[1])) if stands else {"name": name, "description": name, "skills": []}
            made = datetime.fromisoformat(stands["created_at"].replace("Z", "+00:00")).timestamp() if stands else -1
            signed = self.ring.sign_card({**card, **(said or {}), "version": stands["version"] + 1 if stands else 1}, made)
            self._asked("PUT", {"card": signed, "rotations": list(self.ring.card.rotations)})
        self.ring.end_rotation()
        self._registered = keys

    def accept(self, agent):
        self.ring.accept((self._card(agent, True))[0])

    def seal(self, content, content_type, conversation_id, message_id):
        """What is said in place of the content, and of its type."""
        self.ready()
        members = (self._peer.conversation(conversation_id))["members"]
        others = [one["agent_id"] for one in members if one["standing"] in ("joined", "invited") and one["agent_id"] != self._peer.agent_id]
        sealed = self._by_cards(others, lambda cards: self.ring.seal(json.dumps(content), content_type or "application/json", conversation_id, message_id, cards))
        return json.loads(sealed), SEALED_TYPE

    def open(self, entry):
        """The entry as it was said: `sealed` is true, and where it stays closed `unopened` is why."""
        if entry["kind"] != "message" or entry["content_type"] != SEALED_TYPE:
            return entry
        self.ready()
        try:
            opened = self._by_cards([entry["agent_id"]], lambda cards: self.ring.open(json.dumps(entry["content"]), entry["conversation_id"], entry["message_id"], cards[0]))
            return {**entry, "content": _read(opened.content), "content_type": opened.content_type, "sealed": True}
        except SealedError as closed:
            return {**entry, "sealed": True, "unopened": closed.code}

    def _by_cards(self, agents, done):
        """Done by the cards that are known, and where these do not do it by those that stand now."""
        for fresh in (False, True):
            found = [self._card(agent, fresh) for agent in agents]
            try:
                return done([card for card, _ in found])
            except SealedError as refused:
                if not all(new for _, new in found):
                    continue  # Another card may stand by now.
                if isinstance(refused, KeyChanged):
                    self._warn(refused.agent, refused.known, refused.given, False)
                raise

    def _card(self, agent, fresh):
        """A card, and whether it is the one that stands now."""
        if agent == self._peer.agent_id:
            return self.ring.card, True
        known, at = self._cards.get(agent, (None, 0))
        if known and not fresh and time.monotonic() - at < _KEPT_SECONDS:
            return known, False
        found = self._find(agent)
        if found is None or found["revocation"]:
            raise CardInvalid(agent, "it was revoked" if found else "it has not registered any")
        card = AgentCard(agent, found["signing_key"]["x"], found["card"], tuple(found["rotations"]))
        self._cards[agent] = card, time.monotonic()
        return card, True

    def _find(self, agent):
        try:
            return self._asked("GET") if agent == self._peer.agent_id else self._peer.request("GET", f"/agents/{_id(agent)}")
        except NotFound:
            return None

    def _asked(self, method, body=None):
        """The own card. Where the answer to a rotation was lost the registry takes requests by the next key alone."""
        try:
            return self._peer.request_of_card(method, body)
        except AuthenticationError as refused:
            if not (refused.code == "signature_refused" and refused.details["fault"] == "other_key" and self.ring.try_next()):
                raise
        try:
            return self._peer.request_of_card(method, body)
        except BaseException:
            self.ring.try_former()
            raise

    def _ring(self, path):
        rotated = lambda agent, known, given: self._warn(agent, known, given, True)
        return KeyRing.load(path, rotated=rotated) if os.path.exists(path) else KeyRing.create(self._peer.agent_id, path, rotated=rotated)

    def _warn(self, agent, known, given, is_rotation):
        if self._changed:
            self._changed(agent, known, given, is_rotation)
        else:
            _log.warning("%s has signed by %s so far, and signs by %s now, %s.", agent, known, given, "which the key before says" if is_rotation else "which the key before does not say")


def _read(content):
    try:
        return json.loads(content)
    except ValueError as garbled:
        raise CannotOpen("malformed") from garbled


def _id(agent):
    return quote(agent, safe=":")
