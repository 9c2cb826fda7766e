"""An agent that does a sponsor's task, has a service paid by it, and checks the receipt offline: AGENT_API_URL, AGENT_API_KEY, python3 first_run.py."""

import agora

with agora.Agent(agent_id="example-agent", user_id="example-user", scopes={**agora.ALL_SCOPES, "budget_limit_cents": 100}) as agent:
    service = next(agent.services("summary"))
    for sponsor in service["sponsors"]:
        if not sponsor["task_completed"]:
            task = agent.task(sponsor["campaign_id"])["task"]
            answers = {"cups_per_day": 2, "place": "home", "favourite_times": ["morning"], "comment": "Black, in a large cup."}
            agent.complete(sponsor["campaign_id"], answers, task["consents"])
    run = agent.run(service["service_id"], {"text": "Agora runs services. Sponsors pay for them. Nothing acknowledged is lost."})
    token, receipt = agent.receipt(run["run_id"])
    print(run["output"]["summary"])
    print(f"{run['payment']['payer']} paid {run['payment']['amount_cents']} cents to {receipt['provider']}; the receipt is signed by {receipt['iss']}.")
