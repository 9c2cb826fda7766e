"""
Which service an action means. The first of these that any service fits decides:

1. its id is the action;
2. the words of its id are those of the action;
3. the words of its id, name and category hold those of the action;
4. these and the words of its description do.

Words are compared by their stems: summarize, summary and summarizer are one. Where several services fit equally, those count whose input schema takes
the members of the payload. What is still several is for the caller to say.
"""

import re

MOST = 200
_SUFFIXES = sorted(
    "ications ication izations ization isations isation izers izer isers iser izes ize ises ise izing ising ations ation ators ator ates ate ating ysis yses yzer yze "
    "yzing ions ion ors or ers er ings ing ies ied y es ed s e".split(),
    key=len, reverse=True,
)
_LEAST_STEM = 4


class ActionNotFound(LookupError):
    """No service in scope fits the action; `nearest` are ids of those that have most of its words."""

    def __init__(self, action, nearest):
        super().__init__(f"No service in scope fits {action!r}." + (f" Near are: {', '.join(nearest)}." if nearest else ""))
        self.action, self.nearest = action, nearest


class ActionAmbiguous(LookupError):
    """Several services fit equally: say which by execute(service_id=…)."""

    def __init__(self, action, service_ids):
        super().__init__(f"{action!r} fits {', '.join(service_ids)} equally: name one by service_id.")
        self.action, self.service_ids = action, service_ids


def choose(found, action, payload):
    """The one of these services that fits."""
    wanted = words(action)
    for fits in _TIERS:
        fitting = [service for service in found if fits(service, action, wanted)]
        if len(fitting) > 1:
            fitting = [service for service in fitting if takes(service.get("input_schema"), payload)] or fitting
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise ActionAmbiguous(action, sorted(service["service_id"] for service in fitting))
    near = sorted((-len(wanted & _all(service)), service["service_id"]) for service in found)
    raise ActionNotFound(action, [service_id for shared, service_id in near[:5] if shared])


def takes(schema, payload):
    """Whether the members of the payload are those that the schema wants. What they hold is the server's to check."""
    if not isinstance(schema, dict):
        return True
    known = schema.get("properties", {})
    return all(name in payload for name in schema.get("required", [])) and (schema.get("additionalProperties") is not False or all(name in known for name in payload))


def words(text):
    """The stems of a text's words."""
    return frozenset(_stem(word) for word in re.split(BREAKS, text.lower()) if word)


BREAKS = r"[\W_]+"


def _stem(word):
    suffix = next((one for one in _SUFFIXES if word.endswith(one) and len(word) - len(one) >= _LEAST_STEM), "")
    return word[: len(word) - len(suffix)]


def _named(service):
    return words(" ".join((service["service_id"], service["name"], service["category"])))


def _all(service):
    return _named(service) | words(service["description"])


_TIERS = (
    lambda service, action, wanted: service["service_id"] == action,
    lambda service, action, wanted: words(service["service_id"]) == wanted,
    lambda service, action, wanted: wanted <= _named(service),
    lambda service, action, wanted: wanted <= _all(service),
)
