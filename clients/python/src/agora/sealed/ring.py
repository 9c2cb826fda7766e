"""An agent's keys, and what it has seen of its peers': seals messages that only their recipients read, and opens those that its peers sealed."""

import json
import os
import stat
import threading
import time
from datetime import datetime, timezone
from typing import NamedTuple, Optional, Tuple

from .. import ed25519
from .errors import CannotOpen, CardInvalid, KeyChanged, KeyRingInvalid
from .message import MOST_BYTES, MOST_RECIPIENTS, Envelope, is_agent, is_content_type, is_id, open_text, read, seal
from .primitives import bytes_of, exchange_public, required, signing_public, text_of, thumbprint
from .requests import signed_headers
from .statements import epoch_of, leads, number_of, of_card, of_epoch, of_rotation

_MOST_ROTATIONS = 64


class AgentCard(NamedTuple):
    """
    What others need of an agent in order to seal to it and to know its signature. Nothing of it is secret.

    signing_key: Ed25519, 32 bytes in base64url. epoch_key: which key messages are sealed to now, a statement by the signing key or its card of the registry. rotations: statements
    that lead from earlier signing keys to this one, the oldest first.
    """

    agent: str
    signing_key: str
    epoch_key: str
    rotations: Tuple[str, ...] = ()


class Opened(NamedTuple):
    """What a sealed message says. recipients: all agents that it was sealed to, the sender among them."""

    sender: str
    content_type: str
    content: bytes
    recipients: Tuple[str, ...]


class _Epoch(NamedTuple):
    secret: bytes
    public: bytes
    made: int


class _Peer(NamedTuple):
    key: bytes
    made: int  # When the newest key was made that a card of it had.
    previous: Optional[bytes] = None
    until: int = 0  # Until when the key before counts.


class _State(NamedTuple):
    agent: str
    seed: bytes
    rotations: Tuple[str, ...]
    epochs: Tuple[_Epoch, ...]  # The oldest first; the last is the one that the card has.
    peers: dict
    former: Optional[bytes] = None  # The seed before, of a rotation that the registry has perhaps not heard of.


class KeyRing:
    """
    docs/encryption.md says what it promises, and what not. Safe from any thread; a file belongs to one process at a time.

    epoch_seconds: a key is taken for so long. retention_seconds: a key that another has followed is kept for so long, for messages still under way, and
    then destroyed. rotated(agent, before, after) is called when a peer has another signing key, and the one before says so; keys are named by their
    thumbprints. clock gives seconds of Unix time.
    """

    def __init__(self, state, path, epoch_seconds=86_400, retention_seconds=7 * 86_400, rotated=None, clock=time.time):
        if epoch_seconds <= 0 or retention_seconds < 0:
            raise ValueError("An epoch has a length, and retention is not negative.")
        self._state, self._path, self._epoch, self._retention = state, path, epoch_seconds, retention_seconds
        self._rotated, self._clock, self._gate, self._is_registered = rotated, clock, threading.RLock(), False

    @classmethod
    def create(cls, agent, path=None, **options):
        """New keys of an agent that has none. path: of a file that is not there yet; None: the keys end with this object."""
        required()
        if not is_agent(agent):
            raise ValueError("It is no agent's id.")
        seed = os.urandom(32)
        ring = cls(_State(agent, seed, (), (), {agent: _Peer(signing_public(seed), 0)}), path, **options)
        if path is not None:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # Whose name it is, is settled by this.
        ring._keep(ring._state._replace(epochs=(_epoch(os.urandom(32), ring._now()),)))
        return ring

    @classmethod
    def load(cls, path, **options):
        """Of a file that any of the clients has made."""
        required()
        if os.name == "posix" and stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            raise KeyRingInvalid(f"Others than its owner have access to {path}: chmod 600 takes that away.")
        with open(path, encoding="utf-8") as file:
            return cls(_parsed(file.read()), path, **options)

    @property
    def agent(self):
        return self._state.agent

    @property
    def card(self):
        """What peers need of this agent: to be published whenever it has changed."""
        state = self._state
        newest = state.epochs[-1]
        return AgentCard(state.agent, text_of(signing_public(state.seed)), of_epoch(state.agent, newest.public, newest.made, state.seed), state.rotations)

    @property
    def key_ids(self):
        """Which keys the card has now: signing, and sealing."""
        return text_of(signing_public(self._state.seed)), text_of(self._state.epochs[-1].public)

    def sign_card(self, said, after=-1):
        """
        The card by which the registry knows this agent (docs/peers.md), with its present keys, signed. said: its other members; after: when the card before was made, in seconds of Unix time.
        """
        with self._gate:
            newest = self._state.epochs[-1]
            made = datetime.fromtimestamp(max(self._now(), newest.made, int(after) + 1), timezone.utc)
            return of_card({**said, "created_at": made.strftime("%Y-%m-%dT%H:%M:%SZ")}, self.agent, newest.public, self._state.seed)

    def sign_request(self, method, url, body=None, session=None, tenant="default", headers=None):
        """
        The headers by which a request is the agent's, in place of a bearer token, where its card is registered (docs/signed-requests.md). url: as it is called; body: bytes; session: the id of one of the agent's
        own, None: the request is the agent's own; headers: that it has besides, of which those that decide what is done are signed.
        """
        with self._gate:
            seed = self._state.seed if self._is_registered else self._state.former or self._state.seed
            return signed_headers(seed, self.agent, method, url, body, session, tenant, self._clock(), headers)

    def rekey(self, always=False):
        """
        Makes the next key where the present one's epoch is over, and destroys those whose time is over: to be called at the start and then a few times an
        epoch. always: also where the epoch is not over. True: the card is another, and has to be published.
        """
        with self._gate:
            now, epochs = self._now(), self._state.epochs
            due = always or now - epochs[-1].made >= self._epoch
            if due:
                epochs += (_epoch(os.urandom(32), max(now, epochs[-1].made + 1)),)
            kept = tuple(one for one, after in zip(epochs, epochs[1:]) if after.made + self._retention > now) + epochs[-1:]
            if kept != self._state.epochs:
                self._keep(self._state._replace(epochs=kept))
            return due

    def rotate_signing_key(self):
        """Another signing key in place of the present one, which signs for it and is destroyed. The card, which is answered, has to be published."""
        with self._gate:
            self.begin_rotation()
            self.end_rotation()
            return self.card

    def begin_rotation(self):
        """Another signing key in place of the present one, which signs for it, and goes on signing requests: the registry takes the next card from no other. It is kept in the file until end_rotation. For Peer."""
        with self._gate:
            if len(self._state.rotations) >= _MOST_ROTATIONS:
                raise ValueError(f"A signing key is rotated {_MOST_ROTATIONS} times at most: the agent goes on with the one that it has, or under another id.")
            self.end_rotation()
            state, seed = self._state, os.urandom(32)
            key = signing_public(seed)
            rotations = state.rotations + (of_rotation(state.agent, key, state.seed, number_of(state.rotations[-1]) + 1 if state.rotations else 1),)
            own = _Peer(key, 0, signing_public(state.seed), self._now() + self._retention)
            self._keep(state._replace(seed=seed, former=state.seed, rotations=rotations, peers={**state.peers, state.agent: own}))

    def try_next(self):
        """The registry refuses the key before: it may have the card by the next one, which signs from now on. False: that one signs already. For Peer."""
        with self._gate:
            if self._state.former is None or self._is_registered:
                return False
            self._is_registered = True
            return True

    def try_former(self):
        """It had not: the key before goes on. For Peer."""
        with self._gate:
            self._is_registered = False

    def end_rotation(self):
        """The registry has the card by the present key: the one before is destroyed. For Peer."""
        with self._gate:
            if self._state.former is not None:
                self._keep(self._state._replace(former=None))
                self._is_registered = False

    def accept(self, card):
        """From now on the card's signing key is this peer's, whatever was seen before."""
        key = _signing_key_of(card)
        with self._gate:
            if card.agent == self.agent:
                raise ValueError("The ring knows its own key.")
            self._keep(self._state._replace(peers={**self._state.peers, card.agent: _Peer(key, 0)}))

    def seal(self, content, content_type, conversation, message_id, recipients):
        """
        Seals a message to these agents' cards, 1 to 64, each once, and to this agent. content: str or bytes. The message itself is
        application/vnd.agora.sealed+json.

        Raises KeyChanged and CardInvalid; ValueError where an id, the type, the recipients or the size are not within the bounds.
        """
        others = [card for card in recipients if card.agent != self.agent]
        if not is_id(conversation) or not is_id(message_id) or not is_content_type(content_type):
            raise ValueError("It has no content type, or no ids.")
        if not 1 <= len(others) <= MOST_RECIPIENTS or len({card.agent for card in others}) != len(others):
            raise ValueError(f"There are 1 to {MOST_RECIPIENTS} recipients, each once.")
        with self._gate:
            peers, notices, keys = dict(self._state.peers), [], [(self.agent, self._state.epochs[-1].public)]
            for card in others:
                peer = self._seen(card, notices)
                key = epoch_of(card.epoch_key, card.agent, peer.key)
                if key is None:
                    raise CardInvalid(card.agent, "its signing key has signed no key to seal to")
                if key[1] < peer.made:
                    raise CardInvalid(card.agent, "a newer key to seal to was seen before")
                peers[card.agent] = peer._replace(made=key[1])
                keys.append((card.agent, key[0]))
            content = content.encode() if isinstance(content, str) else bytes(content)
            message = seal(Envelope(conversation, message_id, self.agent), content, content_type, sorted(keys), self._state.seed)
            if len(message) > MOST_BYTES:
                raise ValueError(f"A sealed message has at most {MOST_BYTES} bytes, and this would have {len(message)}.")
            self._see(peers, notices)
            return message

    def open(self, message, conversation, message_id, sender):
        """
        Opens a message that the sender, whose card is given, sealed to this agent, in this conversation, under this id. Of this agent's own messages the
        card is the own.

        Raises CannotOpen and KeyChanged.
        """
        text = read(message) if is_id(conversation) and is_id(message_id) else None
        if text is None:
            raise CannotOpen("malformed")
        with self._gate:
            notices, known = [], self._state.peers.get(sender.agent)
            peer = known if sender.agent == self.agent else self._seen(sender, notices)
            peers = {**self._state.peers, sender.agent: peer}
            if notices:
                self._see(peers, notices)
            own = next((one for one in text.to if one.agent == self.agent), None)
            if own is None:
                raise CannotOpen("not_for_us")
            secret = next((one.secret for one in self._state.epochs if thumbprint("X25519", one.public) == own.key), None)
            if secret is None:
                raise CannotOpen("key_gone")
            signers = [peer.key, peer.previous] if peer.previous and peer.until > self._now() else [peer.key]
            content_type, content = open_text(Envelope(conversation, message_id, sender.agent), text, own, secret, signers)
            if known is None:
                self._see(peers, [])
            return Opened(sender.agent, content_type, content, tuple(one.agent for one in text.to))

    def _now(self):
        return int(self._clock())

    def _seen(self, card, notices):
        """The peer with the card's signing key, if that is the one that was seen, the first that is seen, or follows by rotations."""
        key, known = _signing_key_of(card), self._state.peers.get(card.agent)
        if known is None:
            return _Peer(key, 0)
        if known.key == key:
            return known
        before, after = thumbprint("Ed25519", known.key), thumbprint("Ed25519", key)
        if not leads(card.agent, known.key, key, card.rotations[-_MOST_ROTATIONS:]):
            raise KeyChanged(card.agent, before, after)
        notices.append((card.agent, before, after))
        return _Peer(key, known.made, known.key, self._now() + self._retention)

    def _see(self, peers, notices):
        if peers != self._state.peers:
            self._keep(self._state._replace(peers=peers))
        for notice in notices:
            if self._rotated:
                self._rotated(*notice)

    def _keep(self, state):
        """A key is in the file before a card has it, and a peer's key before anything is sealed to it."""
        if self._path is not None:
            path = f"{os.fspath(self._path)}.new"
            if os.path.exists(path):
                os.remove(path)  # Of a process that ended in the middle; nobody was told of it.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(_written(state))
                file.flush()
                os.fsync(file.fileno())
                os.replace(path, self._path)
                os.fsync(file.fileno())  # The new name too.
        self._state = state


def _epoch(secret, made):
    return _Epoch(secret, exchange_public(secret), made)


def _signing_key_of(card):
    key = bytes_of(card.signing_key, 32) if is_agent(card.agent) else None
    if key is None or not ed25519.is_key(key):
        raise CardInvalid(card.agent, "its signing key is none")
    return key


def _written(state):
    peers = {agent: {"key": text_of(peer.key), "made": peer.made, **({"previous": text_of(peer.previous), "until": peer.until} if peer.previous else {})}
             for agent, peer in sorted(state.peers.items())}
    epochs = [{"key": text_of(one.secret), "made": one.made} for one in state.epochs]
    former = {"former": text_of(state.former)} if state.former else {}
    return json.dumps({"v": 1, "agent": state.agent, "signing": text_of(state.seed), "rotations": state.rotations, "epochs": epochs, "peers": peers, **former})


def _parsed(text):
    try:
        root = json.loads(text)
        peers = {agent: _Peer(_key(one["key"]), _number(one["made"]), *((_key(one["previous"]), _number(one["until"])) if "previous" in one else ()))
                 for agent, one in root["peers"].items()}
        epochs = tuple(_epoch(_key(one["key"]), _number(one["made"])) for one in root["epochs"])
        state = _State(root["agent"], _key(root["signing"]), tuple(map(str, root["rotations"])), epochs, peers, _key(root["former"]) if "former" in root else None)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as broken:
        raise KeyRingInvalid("The file is no key ring.") from broken
    if root["v"] != 1 or not is_agent(state.agent) or not epochs or state.agent not in peers:
        raise KeyRingInvalid("The file is no key ring of this version.")
    return state


def _key(text):
    key = bytes_of(text, 32)
    if key is None:
        raise ValueError("no key")
    return key


def _number(value):
    if type(value) is not int:
        raise ValueError("no number")
    return value
