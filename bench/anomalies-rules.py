"""Evaluates the rules of deploy/prometheus/rules/agora.yml that look at what is usual, for bench/anomalies.sh: every two minutes of the traffic, or at its group's interval, as Prometheus would, in the order in which they rest on each other.

    python3 bench/anomalies-rules.py evaluate DIRECTORY URL   what can be by now; exit 3: what it recorded, recorded.om, is to be put into Prometheus, and then the rest
    python3 bench/anomalies-rules.py report DIRECTORY         what rang

Expressions and `for` are read from the file.
"""
import json
import os
import re
import sys
import urllib.parse
import urllib.request
from collections import defaultdict

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../deploy/prometheus/rules/agora.yml')
STEP, HOUR, WEEK = 120, 3600, 7 * 86400
ENOUGH = 80  # calls in an hour: the rules say nothing of half hours with fewer than 40

# What is planted, and the alarm that is to hear it.
MEANT = {
    'dear': 'AgoraModelCallDear',
    'many': 'AgoraModelCostJumped',
    'slow': 'AgoraModelSlow',
    'refuses': 'AgoraModelRefusing',
}
SAID = {'dear': 'calls cost 5 times as much', 'many': '5 times as many calls', 'slow': 'begins 4 times as late', 'refuses': 'refuses 20 % for 1 %'}


def rules():
    """Name, expression, seconds of `for`, whether it is an alert, and seconds between two looks: those of the groups whose names begin with agora-models-."""
    found = []
    for group in open(RULES).read().split('  - name: ')[1:]:
        interval = re.search(r'^    interval: (\d+)m$', group, re.MULTILINE)
        if not group.startswith('agora-models-'):
            continue
        for kind, name, expr, wait in re.findall(r'- (record|alert): (\S+)\n\s+expr: (.+)\n(?:\s+for: (\d+)m\n)?', group):
            found.append((name, expr, int(wait or 0) * 60, kind == 'alert', int(interval[1]) * 60 if interval else STEP))
    return found


def asked(url, expr, start, end, step):
    """Values by the model and second."""
    values = defaultdict(dict)
    for begins in range(start, end, WEEK):
        query = urllib.parse.urlencode(dict(query=expr, start=begins, end=min(begins + WEEK, end) - step, step=step, timeout='10m'))
        with urllib.request.urlopen(f'{url}/api/v1/query_range', query.encode()) as answer:
            for series in json.load(answer)['data']['result']:
                values[series['metric']['model']].update((int(at), value) for at, value in series['values'])
    return values


def evaluate(directory, url):
    times = json.load(open(f'{directory}/plants.json'))
    path = f'{directory}/evaluated.json'
    rang, recorded = json.load(open(path)) if os.path.exists(path) else ({}, [])
    known = set(recorded)
    with open(f'{directory}/recorded.om', 'w') as out:
        for name, expr, wait, is_alert, step in rules():
            if name in rang or name in known or not set(re.findall(r'agora:\w+:\w+', expr)) <= known:
                continue
            values = asked(url, expr, times['start'], times['end'], step)
            if is_alert:
                rang[name] = {model: rings(sorted(at), wait) for model, at in values.items()}
                continue
            recorded.append(name)
            for model, at in values.items():
                out.writelines(f'{name}{{model="{model}"}} {value} {second}\n' for second, value in at.items())
        out.write('# EOF\n')
    json.dump((rang, recorded), open(path, 'w'))
    return 3 if len(rang) + len(recorded) < len(rules()) else 0


def rings(times, wait):
    """From when to when it rang. What is silent for less than an hour is the same alarm."""
    found = []
    active = None
    for n, at in enumerate(times):
        if n == 0 or at - times[n - 1] > STEP:
            active = at
        if at - active < wait:
            continue
        if found and at - found[-1][1] < HOUR:
            found[-1][1] = at
        else:
            found.append([at, at])
    return found


def report(directory):
    told, (rang, _) = json.load(open(f'{directory}/plants.json')), json.load(open(f'{directory}/evaluated.json'))
    begins = told['start'] + told['warm_up']
    weeks = (told['end'] - begins) / WEEK
    models = [model.removesuffix('-planted') for model in told['plants']]
    print(f'{len(models)} models, {weeks * 7:.0f} days after {told["warm_up"] / 86400:.0f} of which the rules learn\n\nFalse alarms where nothing was planted')
    total = 0
    for alert, by in rang.items():
        counts = {model: sum(at >= begins for at, _ in by.get(model, [])) for model in models}
        total += sum(counts.values())
        print(f'  {alert}: {sum(counts.values())}' + ''.join(f', {model} {count / weeks:.2f} a week' for model, count in counts.items() if count))
    print(f'  all: {total} in {len(models) * weeks:.0f} weeks of a model, {total / len(models) / weeks * 30 / 7:.2f} for each model and month')
    print(f'\nOf what was planted, an hour each, heard until half an hour after its end: where the model was asked {ENOUGH} times in that hour or more; and where less')
    for kind, alert in MEANT.items():
        delays = [(calls, first(rang[alert].get(name, []), told['start'] + begun * 60, told['start'] + ended * 60)) for name, plants in told['plants'].items() for what, begun, ended, calls in plants if what == kind]
        much, little = ([delay for calls, delay in delays if (calls >= ENOUGH) == is_much] for is_much in (True, False))
        found = sorted(delay for delay in much if delay is not None)
        after = f' after {found[len(found) // 2] // 60} minutes (median; at the worst {found[-1] // 60})' if found else ''
        print(f'  {SAID[kind]} ({alert}): {len(found)} of {len(much)}{after}; {sum(delay is not None for delay in little)} of {len(little)}')
    echoes = 0
    for by in rang.values():
        for name, plants in told['plants'].items():
            near = [(told['start'] + begun * 60, told['start'] + ended * 60 + 3 * HOUR) for _, begun, ended, _ in plants]
            echoes += sum(at >= begins and not any(low <= at <= high for low, high in near) for at, _ in by.get(name, []))
    print(f'\nIn the same models more than three hours after anything that was planted: {echoes} alarms')


def first(rang, begun, ended):
    """Seconds from the beginning until it rang."""
    return min((at - begun for at, _ in rang if begun <= at <= ended + HOUR // 2), default=None)


if __name__ == '__main__':
    sys.exit(evaluate(*sys.argv[2:]) if sys.argv[1] == 'evaluate' else report(*sys.argv[2:]))
