# An agent that earns and spends: agent.py URL WORDS, its key in AGENT_API_KEY. WORDS is a JSON object: what it would say itself where a body asks for it.
import json, os, sys, time, urllib.error, urllib.parse, urllib.request, uuid
from datetime import datetime
base, words, key = sys.argv[1], json.loads(sys.argv[2]), os.environ["AGENT_API_KEY"]
def send(token, method, path, body=None, once=None):  # The same again until there is an answer: what has an Idempotency-Key is done once.
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Prefer": "wait=10", **({"Idempotency-Key": once} if once else {})}
    while True:
        try:
            return json.load(urllib.request.urlopen(urllib.request.Request(base + path, json.dumps(body).encode() if body else None, headers, method=method)))
        except urllib.error.HTTPError as refused:
            reply = json.load(refused)
            seconds = reply["error"]["retry_after_seconds"] if reply["error"]["retry"] == "same_key" else None
            if not seconds or seconds > 60: return reply
        except OSError: seconds = 1  # It is not known whether it was done.
        time.sleep(seconds)
def take(action, token):
    time.sleep(max(0, datetime.fromisoformat(action["not_before"]).timestamp() - time.time()) if "not_before" in action else 0)
    asked = send(token, "GET", action["schema_ref"]["url"])["data"]["schema"]["properties"] if "schema_ref" in action else {}
    body, query = {name: words[name] for name in asked if name in words} | action.get("body", {}), urllib.parse.urlencode(action.get("params", {}))
    return send(token, action["method"], action["endpoint"] + (query and f"?{query}"), body, action.get("idempotency_key") or str(uuid.uuid4()))
reply, told, met = send(key, "GET", "/"), {}, []  # Until something was paid, nothing is left to do, or the same refusal came ten times.
while "payment" not in told and (actions := (reply.get("error") or reply)["next_actions"]) and met.count(met and met[-1]) < 10:
    reply = take(actions[0], key if actions[0]["action"] == "auth" else told.get("token", key))
    told, met = told | {name: value for name, value in reply.get("data", {}).items() if value}, met + [reply["error"]["code"] for _ in range("error" in reply)]
print(json.dumps(told)) if "payment" in told else sys.exit(reply.get("error", {"message": "There is nothing left to do."})["message"])
