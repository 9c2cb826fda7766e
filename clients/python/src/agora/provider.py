"""A service of a provider: a function, whose types are its schemas, and which Agora calls by the contract of docs/services.md."""

import asyncio
import dataclasses
import inspect
import typing

from .schema import schema_of, schema_of_call, violations


class Refused(Exception):
    """The input is wrong in a way that no schema says. The run fails and costs nothing; it does not count against the service."""

    def __init__(self, message, code="refused", status=422):
        super().__init__(message)
        self.message, self.code, self.status, self.details = message, code, status, None


class TryAgain(Exception):
    """Not now: Agora calls again, with the same run id."""


@dataclasses.dataclass
class Call:
    """What is known of the run. A parameter of this type is given it, and is no part of the input."""

    run_id: str
    max_cost_cents: typing.Optional[str] = None
    traceparent: typing.Optional[str] = None


@dataclasses.dataclass
class Metered:
    """What a metered service answers: its output, and what the run cost, in cents with up to four decimals."""

    output: typing.Any
    cost_cents: typing.Any


class Service:
    """A function as a service. It is still called as the function that it is."""

    def __init__(self, function, service_id, name, category, provider, price_cents, max_price_cents, owner, timeout_ms):
        if (price_cents is None) == (max_price_cents is None):
            raise ValueError("A service has either price_cents or max_price_cents, which means that it is metered.")
        self.function, self.service_id, self.metered = function, service_id, max_price_cents is not None
        self.streams = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
        hints = typing.get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters
        self._call = next((name for name in parameters if hints.get(name) is Call), None)
        self._hints = {name: hints.get(name, typing.Any) for name in parameters if name != self._call}
        defaults = {name: parameters[name].default for name in self._hints if parameters[name].default is not inspect.Parameter.empty}
        self.input_schema = schema_of_call(self._hints, defaults)
        self.output_schema = self._output(hints.get("return"))
        self._described = {
            "name": name or service_id, "description": inspect.getdoc(function) or "", "category": category, "provider": provider, "owner": owner,
            "price_cents": price_cents, "max_price_cents": max_price_cents, "timeout_ms": timeout_ms,
        }
        self._cancelled = None

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)

    def _output(self, kind):
        if kind is None or kind is Metered:
            return None
        if self.streams:
            items = typing.get_args(kind)
            return {"type": "array", "items": schema_of(items[0]) if items else {}}
        return schema_of(kind)

    def cancelled(self, function):
        """Decorator of what is done when a run is taken back: it is given the run id."""
        self._cancelled = function
        return function

    def definition(self, url):
        """The body of PUT /admin/services/{service_id}. url: where this process is reached, or agent:ID or skill:ID, which Peer.offer answers as."""
        said = {**self._described, "endpoint": url if url.startswith(("agent:", "skill:")) else f"{url.rstrip('/')}/{self.service_id}", "input_schema": self.input_schema, "output_schema": self.output_schema}
        return {name: value for name, value in said.items() if value is not None}

    def refused(self, value):
        """What the input breaks; None: nothing."""
        broken = violations(self.input_schema, value)
        if not broken:
            return None
        refused = Refused("The input is not valid; details lists every violation.", "validation_failed")
        refused.details = broken
        return refused

    def run(self, value, call):
        """What the function answers to a valid input: a value, Metered, or a generator."""
        arguments = {name: _build(self._hints[name], item) for name, item in value.items()}
        if self._call:
            arguments[self._call] = call
        if inspect.isasyncgenfunction(self.function):
            return _drained(self.function(**arguments))
        return asyncio.run(self.function(**arguments)) if inspect.iscoroutinefunction(self.function) else self.function(**arguments)

    def answered(self, output, item=False):
        """An output, or an item of a stream, as JSON has it. Raises ValueError where it is not as the service says it is."""
        value, schema = plain(output), self.output_schema or {}
        broken = violations(schema["items"] if item else schema, value)
        if broken:
            raise ValueError(f"{self.service_id} answers what its type does not allow: {broken[0]['path']} {broken[0]['message']}")
        return value

    def cancel(self, run_id):
        """False: nothing is done when a run is taken back."""
        if self._cancelled is None:
            return False
        self._cancelled(run_id)
        return True


def service(service_id, *, category, provider, price_cents=None, max_price_cents=None, name=None, owner=None, timeout_ms=10_000):
    """
    Makes a function a service: its parameters are the input, its docstring what agents read, its return type the output. A generator's items are sent
    as they come, as one JSON array. It may be `async`: each run has an event loop of its own.
    """
    return lambda function: Service(function, service_id, name, category, provider, price_cents, max_price_cents, owner, timeout_ms)


def _drained(items):
    """An async generator's items, each when it comes."""
    loop = asyncio.new_event_loop()
    try:
        while True:
            try:
                yield loop.run_until_complete(items.__anext__())
            except StopAsyncIteration:
                return
    finally:
        loop.run_until_complete(items.aclose())
        loop.close()


def plain(value):
    """As JSON has it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _build(kind, value):
    """A valid value as its type has it: an object as the dataclass that was asked for."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _build(arguments[0], value)
    if origin is typing.Union:
        return _build(next(one for one in arguments if not violations(schema_of(one), value)), value)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind, include_extras=True)
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})
    if kind is int and isinstance(value, float):
        return int(value)
    if origin is list and arguments:
        return [_build(arguments[0], item) for item in value]
    if origin is dict and arguments:
        return {name: _build(arguments[1], item) for name, item in value.items()}
    return value
