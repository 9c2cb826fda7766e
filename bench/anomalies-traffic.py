"""Traffic of models as OpenMetrics, and what is wrong in it: python3 bench/anomalies-traffic.py SEED DAYS DIRECTORY, for bench/anomalies.sh.

Sessions begin as a Poisson process over a day (a peak of ten times its night) and a week (a weekend is a quarter), and make a geometric number of calls within an hour, so calls come in crowds. A session is dear or cheap
as a whole, and its calls are log-normal beside that. How soon a model begins is log-normal too, about a level that wanders and is higher where much is asked. Of a hundred sessions one is refused a third of its calls.
Each model is there twice: as it is, and with anomalies planted, one on each day but the first eight. So what rings for the first is false. What is planted stays in what is then usual.
"""
import json
import math
import random
import sys
from bisect import bisect_left

START = 1792368000  # a Monday
MINUTE, HOUR, DAY = 1, 60, 1440
BOUNDS = [0.1, 0.2, 0.25, 0.5, 1, 2.5, 5, 10, 20]
WARM_UP = 8

# Sessions an hour at the peak, calls of each, cents of a call, how heavy its tail is, seconds to the first of a reply, growth a day.
MODELS = {
    'busy': dict(sessions=100, calls=10, cents=0.8, tail=1.0, first=0.5, growth=1.01),
    'usual': dict(sessions=25, calls=10, cents=1.5, tail=1.2, first=0.9, growth=1.005),
    'growing': dict(sessions=10, calls=10, cents=1.5, tail=1.2, first=0.9, growth=1.05),
    'little': dict(sessions=4, calls=10, cents=1.5, tail=1.2, first=0.7, growth=1),
    'rare': dict(sessions=0.7, calls=6, cents=2, tail=1.2, first=0.7, growth=1),
    'dear': dict(sessions=12, calls=4, cents=40, tail=1.4, first=3, growth=1),
    'nightly': dict(sessions=60, calls=15, cents=1, tail=1.0, first=0.5, growth=1),
}
KINDS = ['dear', 'many', 'slow', 'refuses']


def poisson(rng, mean):
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    count, product, floor = 0, rng.random(), math.exp(-mean)
    while product > floor:
        count, product = count + 1, product * rng.random()
    return count


def busy(name, minute, late):
    """Of the peak, now."""
    day, hour = divmod(minute, DAY)
    hour /= HOUR
    if name == 'nightly':
        return 1.0 if 2 + late / 60 <= hour < 3 + late / 60 else 0.0
    return (0.1 + (0.9 * math.sin((hour - 6) / 14 * math.pi) if 6 < hour < 20 else 0)) * (1 if day % 7 < 5 else 0.25)


def plants(rng, days, calls):
    """One an hour long on each day, at any time of it, each kind as often as the others; with the calls that there would have been."""
    planted = []
    for n, day in enumerate(range(WARM_UP, days)):
        if n % len(KINDS) == 0:
            order = rng.sample(KINDS, len(KINDS))
        begins = day * DAY + rng.randrange(DAY - 3 * HOUR)
        planted.append((order[n % len(KINDS)], begins, begins + HOUR, sum(map(len, calls[begins:begins + HOUR]))))
    return planted


def made(rng, name, model, minutes):
    """Sessions' calls by the minute: their cost and whether they are refused, if nothing is wrong."""
    calls = [[] for _ in range(minutes)]
    late = 0
    for minute in range(minutes):
        if minute % DAY == 0:
            late = rng.randrange(15)
        for _ in range(poisson(rng, model['sessions'] / HOUR * busy(name, minute, late) * model['growth'] ** (minute / DAY))):
            one(rng, model, minute, calls)
    return calls


def one(rng, model, minute, calls):
    size, refuses = rng.gauss(0, 0.6), 0.3 if rng.random() < 0.01 else 0.007
    for _ in range(1 + int(math.log(1 - rng.random()) / math.log(1 - 1 / model['calls']))):
        at = minute + rng.randrange(HOUR)
        if at < len(calls):
            calls[at].append((model['cents'] * math.exp(size + rng.gauss(-model['tail'] ** 2 / 2 - 0.18, model['tail'])), refuses))


def write(rng, out, name, model, calls, planted):
    label = f'model="{name}",provider="{name}"'
    kinds = {}
    for kind, begins, ends, _ in planted:
        for minute in range(begins, ends):
            kinds[minute] = kind
    cost, ends, firsts = 0.0, dict(replied=0, refused=0, failed=0), [0] * (len(BOUNDS) + 1)
    level = 0.0
    for minute, now in enumerate(calls):
        kind = kinds.get(minute)
        level = 0.998 * level + rng.gauss(0, 0.01)
        begins = model['first'] * math.exp(level + 0.25 * busy(name, minute, 0)) * (4 if kind == 'slow' else 1)
        for cents, refuses in (now * 5 if kind == 'many' else now):
            cost += cents * (5 if kind == 'dear' else 1)
            chance = rng.random()
            end = 'failed' if chance < 0.003 else 'refused' if chance < 0.003 + (0.2 if kind == 'refuses' else refuses) else 'replied'
            ends[end] += 1
            if end != 'failed':
                firsts[bisect_left(BOUNDS, rng.lognormvariate(math.log(begins), 0.7))] += 1
        at = START + minute * 60
        lines = [f'agora_models_cost_cents_total{{{label}}} {cost:.4f} {at}']
        lines += [f'agora_models_replies_total{{{label},end="{end}"}} {count} {at}' for end, count in ends.items()]
        below = 0
        for bound, count in zip([*BOUNDS, '+Inf'], firsts):
            below += count
            lines.append(f'agora_models_first_seconds_bucket{{{label},form="streamed",le="{bound}"}} {below} {at}')
        lines.append(f'agora_models_first_seconds_count{{{label},form="streamed"}} {below} {at}\n')
        out.write('\n'.join(lines))


def main(seed, days, directory):
    planted = {}
    with open(f'{directory}/traffic.om', 'w') as out:
        for name, model in MODELS.items():
            rng = random.Random(f'{seed} {name}')
            calls = made(rng, name, model, days * DAY)
            write(rng, out, name, model, calls, [])
            planted[f'{name}-planted'] = plants(rng, days, calls)
            write(rng, out, f'{name}-planted', model, calls, planted[f'{name}-planted'])
        out.write('# EOF\n')
    with open(f'{directory}/plants.json', 'w') as out:
        json.dump(dict(start=START, end=START + days * DAY * 60, warm_up=WARM_UP * DAY * 60, plants=planted), out)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
