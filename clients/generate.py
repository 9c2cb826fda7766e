"""
Writes what is generated in the clients. With URL or FILE: what they take from the OpenAPI document that a server serves, the types of its replies and the codes of its refusals. With --blocking: the blocking form of the Python client.

    python3 clients/generate.py URL|FILE|--blocking            writes it
    python3 clients/generate.py URL|FILE|--blocking --check    names the files that are not the present ones, and ends with 1

TypeScript's are written by openapi-typescript, of tests/Api.Tests' packages: npm ci --prefix tests/Api.Tests. Without it they are left as they are, and that is said.
"""

import json
import keyword
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import blocking

ROOT = pathlib.Path(__file__).resolve().parents[1]
TYPESCRIPT = ROOT / "tests/Api.Tests/node_modules/.bin/openapi-typescript"
LEFT_OUT = ("Problem",)


def read(source):
    if "://" not in source:
        return json.loads(pathlib.Path(source).read_text(encoding="utf-8"))
    with urllib.request.urlopen(source.rstrip("/") + "/openapi/v1.json") as reply:
        return json.load(reply)


def components(document):
    """Schemas by name, in the order of their names, so that a new route moves none."""
    schemas = document["components"]["schemas"]
    return {name: schemas[name] for name in sorted(schemas) if name not in LEFT_OUT}


def codes(document):
    return document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"]


# Of a schema: what it is, whatever the language.

def shape(schema):
    """(kind, of what, may it be null): kind is ref, list, map, text, time, integer, number, flag, values or any."""
    if "$ref" in schema:
        return "ref", schema["$ref"].rsplit("/", 1)[-1], False
    if "anyOf" in schema:
        some = [one for one in schema["anyOf"] if one != {"type": "null"}]
        kind, of, null = shape(some[0]) if len(some) == 1 else ("any", None, False)
        return kind, of, null or len(some) < len(schema["anyOf"])
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    null, kinds = "null" in kinds, [kind for kind in kinds if kind != "null"]
    if "enum" in schema or "const" in schema:
        values = [value for value in schema.get("enum", [schema.get("const")]) if value is not None]
        return ("values", values, null or None in schema.get("enum", [])) if all(isinstance(value, str) for value in values) else ("any", None, null)
    if kinds == ["array"]:
        return "list", schema.get("items", {}), null
    if kinds == ["object"]:
        return ("map", schema["additionalProperties"], null) if isinstance(schema.get("additionalProperties"), dict) and "properties" not in schema else ("any", None, null)
    names = {"string": "time" if schema.get("format") == "date-time" else "text", "integer": "integer", "number": "number", "boolean": "flag"}
    return names.get(kinds[0], "any") if len(kinds) == 1 else "any", None, null


def python(document):
    """TypedDicts: what is always there, and below it what may be absent. A member that Python has as a word makes it the other form of the same."""
    def type_of(name, schema):
        kind, of, null = shape(schema)
        said = {
            "ref": lambda: of, "list": lambda: f"List[{type_of(name, of)}]", "map": lambda: f"Dict[str, {type_of(name, of)}]", "text": lambda: "str", "time": lambda: "str",
            "integer": lambda: "int", "number": lambda: "Union[int, Decimal]" if name.endswith("_cents") else "float", "flag": lambda: "bool",
            "values": lambda: f"Literal[{', '.join(json.dumps(value) for value in of)}]", "any": lambda: "Any",
        }[kind]()
        return f"Optional[{said}]" if null and said != "Any" else said

    lines = [
        '"""What replies hold. Generated from the OpenAPI document by clients/generate.py: not to be edited."""', "", "from __future__ import annotations", "",
        "from decimal import Decimal", "from typing import Any, Dict, List, Literal, Optional, TypedDict, Union", "",
        f"CODES = ({', '.join(json.dumps(code) for code in codes(document))})",
    ]
    def define(name, bases, members, total):
        if any(keyword.iskeyword(member) for member in members):
            named = ", ".join(f'"{member}": {json.dumps(kind)}' for member, kind in members.items())
            return ["", "", f'{name} = TypedDict("{name}", {{{named}}}, total={total})']
        return ["", "", f"class {name}({bases}{'' if total else ', total=False'}):", *([f"    {member}: {kind}" for member, kind in members.items()] or ["    pass"])]

    for name, schema in components(document).items():
        required, members = schema.get("required", []), {member: type_of(member, of) for member, of in schema.get("properties", {}).items()}
        must, may = ({member: kind for member, kind in members.items() if (member in required) == wanted} for wanted in (True, False))
        if must and may:
            lines += define(f"_{name}", "TypedDict", must, True) + define(name, f"_{name}", may, False)
        else:
            lines += define(name, "TypedDict", members, not may)
    return "\n".join(lines) + "\n"


def csharp(document):
    def pascal(name):
        return "".join(part[:1].upper() + part[1:] for part in re.split("[_-]", name))

    def type_of(name, schema, own):
        kind, of, null = shape(schema)
        said = {
            "ref": lambda: of, "list": lambda: f"IReadOnlyList<{type_of(name, of, own)}>", "map": lambda: f"IReadOnlyDictionary<string, {type_of(name, of, own)}>",
            "text": lambda: "string", "values": lambda: "string", "time": lambda: "DateTimeOffset", "integer": lambda: "long",
            "number": lambda: "decimal" if name.endswith("_cents") else "double", "flag": lambda: "bool", "any": lambda: "JsonElement",
        }[kind]()
        return f"{said}?" if null else said

    lines = [
        "// <auto-generated>By clients/generate.py from the OpenAPI document: not to be edited.</auto-generated>", "#nullable enable", "using System;", "using System.Collections.Generic;",
        "using System.Text.Json;", "using System.Text.Json.Serialization;", "", "namespace Agora.Client.Http;", "", "/// <summary>The codes of refusals.</summary>", "public static class AgoraCodes", "{",
        "    public static readonly IReadOnlyList<string> All = [" + ", ".join(json.dumps(code) for code in codes(document)) + "];", "}",
    ]
    for name, schema in components(document).items():
        if name == "Error":
            continue  # An envelope: its reader is written by hand.
        lines += ["", f"public sealed record {name}", "{"]
        for member, of in schema.get("properties", {}).items():
            kind, may = type_of(member, of, name), member not in schema.get("required", [])
            given = pascal(member) if pascal(member) != name else pascal(member) + "Value"
            kind = kind.rstrip("?") + "?" if may else kind
            never_null = not kind.endswith("?") and shape(of)[0] in ("ref", "list", "map", "text", "values")
            lines += [f'    [JsonPropertyName("{member}")]', f"    public {kind} {given} {{ get; init; }}{' = default!;' if never_null else ''}"]
        lines += ["}"]
    return "\n".join(lines) + "\n"


def slim(document):
    """What types follow from: no examples, no headers of replies, no refusals but one."""
    def plain(node):
        if isinstance(node, dict):
            return {key: plain(value) for key, value in node.items() if key not in ("example", "examples")}
        return [plain(item) for item in node] if isinstance(node, list) else node

    paths = {}
    for path, operations in sorted(document["paths"].items()):
        for method, operation in operations.items():
            kept = {name: operation[name] for name in ("operationId", "summary", "parameters", "requestBody") if name in operation}
            kept["responses"] = {
                status: {"description": "", **({"content": {"application/json": reply["content"]["application/json"]}} if "application/json" in reply.get("content", {}) else {})}
                for status, reply in operation["responses"].items() if status.startswith("2")
            }
            kept["responses"]["default"] = {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
            paths.setdefault(path, {})[method] = plain(kept)
    return {"openapi": "3.1.0", "info": {"title": "Agora", "version": ""}, "paths": paths, "components": {"schemas": plain(components(document))}}


def typescript(document):
    """None: there is no openapi-typescript."""
    if not TYPESCRIPT.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "v1.json"), pathlib.Path(folder, "schema.ts")
        source.write_text(json.dumps(slim(document)), encoding="utf-8")
        subprocess.run([str(TYPESCRIPT), str(source), "--output", str(target)], check=True, capture_output=True)
        made = target.read_text(encoding="utf-8")
    listed = ", ".join(json.dumps(code) for code in codes(document))
    return f"{made}\n/** The codes of refusals. */\nexport const codes = [{listed}] as const;\n"


FILES = {
    "clients/python/src/agora/types.py": python,
    "clients/typescript/src/schema.ts": typescript,
    "src/Client.Http/Types.g.cs": csharp,
}


def main(source, *options):
    if source == "--blocking":
        return blocking.main(*options)
    document, stale = read(source), []
    for path, write in FILES.items():
        file, text = ROOT / path, write(document)
        if text is None:
            print(f"{path}: there is no openapi-typescript here", file=sys.stderr)
        elif "--check" not in options:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(path)
    if stale:
        print(f"Not of the present document: {', '.join(stale)}. Start ./run, then: python3 clients/generate.py http://127.0.0.1:8080", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
