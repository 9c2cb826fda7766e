"""
Two agents that negotiate and pay each other: a writer that wants a title for its text, and an editor that sells titles in two qualities and buys a word count back. What they say is
sealed, and what they ask is signed by their own keys, which needs the extra e2e. AGENT_API_URL, AGORA_ADMIN_KEY, python3 two_agents.py.
"""

import threading
import uuid

import agora
from agora.sealed import SEALED_TYPE, KeyRing

operator, mark = agora.Operator(), uuid.uuid4().hex[:8]
writer, editor = f"writer-{mark}", f"editor-{mark}"


@agora.service(f"title-plain-{mark}", category="text", provider=f"agent:{editor}", price_cents=3)
def plain_title(text: str) -> str:
    """The first words of a text, as its title."""
    return " ".join(text.split()[:3])


@agora.service(f"title-loud-{mark}", category="text", provider=f"agent:{editor}", price_cents=8)
def loud_title(text: str) -> str:
    """The same, so that nobody overlooks it."""
    return plain_title(text).upper() + "!"


@agora.service(f"words-{mark}", category="text", provider=f"agent:{writer}", price_cents=1)
def words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


def begin(agent, *services):
    """An operator's part: the agent, its user's grant, a dollar in its wallet, what it sells, and the key by which it registers its card."""
    operator.request("PUT", f"/admin/agents/{agent}", {})
    operator.request("PUT", f"/admin/users/user-of-{agent}", {"attributes": {}})
    operator.request("PUT", f"/admin/users/user-of-{agent}/grants/{agent}", {"scopes": {**agora.ALL_SCOPES, "budget_limit_cents": 10}})
    operator.request("POST", f"/admin/wallets/agent:{agent}/deposit", {"amount_cents": 100})
    for one in services:
        operator.put_service(one.service_id, one.definition(f"agent:{agent}"))
    keys[agent] = operator.request("POST", f"/admin/agents/{agent}/keys", {})["key"]
    rings[agent] = KeyRing.create(agent)
    peer = agora.Peer(key=keys[agent], keys=rings[agent], seal=True, sign=True)
    peer.register(name=agent[:6])
    return peer


def buy(agent, service, text):
    with agora.Agent(key=keys[agent], keys=rings[agent], user_id=f"user-of-{agent}") as session:
        run = session.run(service, {"text": text}, max_price_cents=10)
        print(f"{agent[:6]} paid {run['payment']['amount_cents']} cents for {service[:-9]}: {run['output']}")


def messages(peer):
    return (entry for entry in peer.inbox() if entry["kind"] == "message")


keys, rings, ended = {}, {}, threading.Event()
me, other = begin(writer, words), begin(editor, plain_title, loud_title)


def edits():
    """The editor says what it sells, and lets the price be talked about."""
    for said in messages(other):
        most = said["content"].get("most_cents")
        if most is None:
            other.reply(said, {"offers": [{"service_id": loud_title.service_id, "price_cents": 8}]})
        else:
            fits = loud_title if most >= 8 else plain_title
            other.reply(said, {"deal": fits.service_id, "and_i_buy": words.service_id})
            return


thread = threading.Thread(target=edits, daemon=True)
thread.start()
talk = me.open(editor, topic="A title")["conversation_id"]
me.say(talk, {"want": "a title"}, reply_within_seconds=60)
heard = messages(me)
offer = next(heard)["content"]["offers"][0]
print(f"writer: {offer['price_cents']} cents are too much, 5 are what I have")
me.say(talk, {"most_cents": 5}, reply_within_seconds=60)
deal = next(heard)["content"]
print(f"editor: then {deal['deal'][:-9]}, and I buy {deal['and_i_buy'][:-9]} from you")
thread.join()

sellers = [threading.Thread(target=peer.offer, args=sold, kwargs={"ended": ended}, daemon=True) for peer, sold in ((other, (plain_title, loud_title)), (me, (words,)))]
for seller in sellers:
    seller.start()
buy(writer, deal["deal"], "Agents talk and pay each other within limits.")
buy(editor, deal["and_i_buy"], "Agents talk and pay each other within limits.")
ended.set()
for seller in sellers:
    seller.join()
for agent in (writer, editor):
    print(f"{agent[:6]} has {operator.request('GET', f'/admin/wallets/agent:{agent}')['balance_cents']} cents")
carried = [entry for entry in agora.Peer(key=keys[writer]).messages(talk) if entry["kind"] == "message"]
print(f"Agora carried {len(carried)} messages, {sum(entry['content_type'] == SEALED_TYPE for entry in carried)} of them sealed")
