"""An agent of the client for Python: asks another, or answers one request. Its command is on standard input."""

import json
import sys

import agora

asked = json.load(sys.stdin)
me = agora.Peer(asked["url"], asked["key"], seal=True, keys_path=asked["keys"])
if "other" in asked:
    talk = me.open(asked["other"])["conversation_id"]
    reply = me.ask(talk, {"by": "Python"}, within=60)
    print(json.dumps({"conversation": talk, "content": reply["content"], "sealed": reply["sealed"]}))
else:
    request = next(entry for entry in me.inbox() if entry["kind"] == "message")
    me.reply(request, {"heard": request["content"], "by": "Python"})
    print("{}")
