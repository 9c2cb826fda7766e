"""An agent of the client for Python that signs its requests. Its command is on standard input."""

import json
import sys
import time

import agora
from agora.sealed import KeyRing

asked = json.load(sys.stdin)
if "user" in asked:
    agent = agora.Agent(asked["url"], keys=KeyRing.load(asked["keys"]), user_id=asked["user"], expires_in_seconds=10)
    first = agent.open()["session_id"]
    while agent.session["session_id"] == first:
        time.sleep(0.5)
        agent.status()
    within = agent.status()["session"]["session_id"]
    agent.close()
    try:
        agent.status()
    except agora.AuthenticationError as refused:
        print(json.dumps({"first": first, "then": agent.session["session_id"], "within": within, "after": refused.details["fault"]}))
    sys.exit()
ring = {"key": asked["key"], "keys_path": asked["keys"]} if "key" in asked else {"keys": KeyRing.load(asked["keys"], clock=lambda: time.time() + asked.get("ahead", 0))}
me = agora.Peer(asked["url"], sign=True, session_id=asked.get("session"), **ring)
if "messages" in asked:
    heard = []
    for entry in me.inbox():
        if entry["kind"] == "message":
            me.reply(entry, {"heard": entry["content"]})
            heard.append(entry["content"])
            if len(heard) == asked["messages"]:
                break
    print(json.dumps({"heard": heard}))
else:
    try:
        if "rotate" in asked:
            me.rotate_signing_key()
        talk = me.open(asked["other"])["conversation_id"]
        print(json.dumps({"number": me.say(talk, "one")["number"]}))
    except agora.AgoraError as error:
        print(json.dumps({"family": type(error).__name__, "code": error.code, "fault": (error.details or {}).get("fault"), "message": str(error)}))
