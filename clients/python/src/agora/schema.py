"""JSON Schema of Python's types, and what a value breaks of it."""

import dataclasses
import re
import typing

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


class Field:
    """What Annotated says of a value: Annotated[str, Field(min=1, max=50_000)]. Bounds are of the number, of the text's characters, or of the list's items."""

    def __init__(self, description=None, min=None, max=None, pattern=None):
        self.description, self.min, self.max, self.pattern = description, min, max, pattern

    def put(self, schema):
        low, high = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}.get(schema.get("type"), ("minimum", "maximum"))
        asked = {"description": self.description, low: self.min, high: self.max, "pattern": self.pattern}
        schema.update({name: value for name, value in asked.items() if value is not None})


def schema_of(kind):
    """The schema of a type: simple ones, list, dict[str, …], Literal, Optional, Union, Annotated, dataclasses and TypedDict."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        schema = schema_of(arguments[0])
        for said in arguments[1:]:
            if isinstance(said, Field):
                said.put(schema)
        return schema
    if kind is typing.Any:
        return {}
    if kind in _SIMPLE:
        return {"type": _SIMPLE[kind]}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is typing.Union or type(kind).__name__ == "UnionType":
        return {"anyOf": [schema_of(one) for one in arguments]}
    if kind is list or origin is list:
        return {"type": "array", "items": schema_of(arguments[0]) if arguments else {}}
    if kind is dict or origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1]) if arguments else {}}
    if dataclasses.is_dataclass(kind):
        hints, fields = typing.get_type_hints(kind, include_extras=True), dataclasses.fields(kind)
        missing = dataclasses.MISSING
        return _object({f.name: hints[f.name] for f in fields}, {f.name: f.default for f in fields if f.default is not missing or f.default_factory is not missing})
    if typing.is_typeddict(kind) if hasattr(typing, "is_typeddict") else hasattr(kind, "__total__"):
        hints = typing.get_type_hints(kind, include_extras=True)
        return _object(hints, {name: dataclasses.MISSING for name in hints if name not in kind.__required_keys__})
    raise TypeError(f"{kind!r} has no JSON Schema here.")


def schema_of_call(hints, defaults):
    """The schema of an object whose members are the arguments of a function."""
    return _object(hints, defaults)


def _object(hints, optional):
    members = {name: schema_of(kind) for name, kind in hints.items()}
    for name, default in optional.items():
        if default is not dataclasses.MISSING:
            members[name]["default"] = default
    return {"type": "object", "properties": members, "required": [name for name in hints if name not in optional], "additionalProperties": False}


def violations(schema, value, path=""):
    """What the value breaks, as Agora says it: path (a JSON Pointer), keyword, message. Of schemas as schema_of makes them."""
    if "anyOf" in schema:
        found = [violations(one, value, path) for one in schema["anyOf"]]
        return [] if any(not one for one in found) else [_broken(path, "anyOf", "None of the forms that are known here fits.")]
    if "enum" in schema and not any(value == one and type(value) is type(one) for one in schema["enum"]):
        return [_broken(path, "enum", f"One of {', '.join(map(str, schema['enum']))}.")]
    wanted = schema.get("type")
    if wanted and not _is(wanted, value):
        return [_broken(path, "type", f"Wanted is {wanted}.")]
    if isinstance(value, str):
        return list(_bounds(schema, len(value), path, "Length", "characters")) + _pattern(schema, value, path)
    if isinstance(value, list):
        inner = [one for at, item in enumerate(value) for one in violations(schema.get("items", {}), item, f"{path}/{at}")]
        return list(_bounds(schema, len(value), path, "Items", "items")) + inner
    if isinstance(value, dict):
        return _members(schema, value, path)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return list(_bounds(schema, value, path, "imum", ""))
    return []


def _members(schema, value, path):
    known, extra = schema.get("properties", {}), schema.get("additionalProperties", {})
    found = [_broken(f"{path}/{name}", "required", "This member is required.") for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        at = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        if name in known:
            found += violations(known[name], item, at)
        elif extra is False:
            found.append(_broken(at, "additionalProperties", f"Unknown member; known are {', '.join(known)}."))
        else:
            found += violations(extra, item, at)
    return found


def _bounds(schema, size, path, suffix, what):
    low, high = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
    if low is not None and size < low:
        yield _broken(path, f"min{suffix}", f"At least {low} {what}".strip() + f"; here is {size}.")
    if high is not None and size > high:
        yield _broken(path, f"max{suffix}", f"At most {high} {what}".strip() + f"; here is {size}.")


def _pattern(schema, value, path):
    pattern = schema.get("pattern")
    return [_broken(path, "pattern", f"It does not match {pattern}")] if pattern and not re.search(pattern, value) else []


def _is(wanted, value):
    if isinstance(value, bool):
        return wanted == "boolean"
    if isinstance(value, float) and wanted == "integer":
        return value.is_integer()
    kinds = {"string": str, "integer": int, "number": (int, float), "array": list, "object": dict, "null": type(None)}
    return isinstance(value, kinds.get(wanted, ()))


def _broken(path, keyword, message):
    return {"path": path, "keyword": keyword, "message": message}
