"""Why nothing was sealed or opened. `code` is for programs, and the same in all clients."""


class SealedError(Exception):
    """What all of these are."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class CannotOpen(SealedError):
    """
    A message does not open. malformed: it is no sealed message. not_for_us: it is sealed to others. key_gone: to a key that is destroyed, or never was in this
    ring. not_authentic: whatever else is not as it was when this sender sealed it to this agent, in this conversation, under this message id. That says
    no more, so that nobody learns of the content by asking with changed messages.
    """

    def __init__(self, code):
        super().__init__(code, f"The message does not open: {code}.")


class KeyChanged(SealedError):
    """
    A peer's signing key is another than it was, and the one before does not say so. Nothing is sealed to it or opened of it until KeyRing.accept. Keys are
    named by their thumbprints.
    """

    def __init__(self, agent, known, given):
        super().__init__("key_changed", f"{agent} has signed by {known} so far, and is said to sign by {given} now.")
        self.agent, self.known, self.given = agent, known, given


class CardInvalid(SealedError):
    """A card has no key that its agent has signed, or an older one than was seen before."""

    def __init__(self, agent, why):
        super().__init__("card_invalid", f"The card of {agent} is not taken: {why}.")
        self.agent = agent


class KeyRingInvalid(SealedError):
    """The file is no key ring, or others can read it."""

    def __init__(self, message):
        super().__init__("ring_invalid", message)
