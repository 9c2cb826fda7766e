"""A command on standard input, done by the client for Python."""

import json
import sys

from agora.sealed import AgentCard, KeyRing, SealedError
from agora.sealed.primitives import bytes_of, text_of

asked = json.load(sys.stdin)
ring = KeyRing.load(asked["ring"])
try:
    if "cards" in asked:
        cards = [AgentCard(**card) for card in asked["cards"]]
        said = {"message": ring.seal(bytes_of(asked["content"]), asked["content_type"], asked["conversation"], asked["message_id"], cards)}
    else:
        opened = ring.open(asked["message"], asked["conversation"], asked["message_id"], AgentCard(**asked["sender"]))
        said = {"content_type": opened.content_type, "content": text_of(opened.content), "recipients": opened.recipients}
except SealedError as refused:
    said = {"code": refused.code}
print(json.dumps(said))
