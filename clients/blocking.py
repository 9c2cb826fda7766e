"""Writes the blocking form of what the Python client has in an async one: the same text without `async` and `await`. It is run by generate.py."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent / "python/src"
FILES = {f"agora/aio/{name}.py": f"agora/{name}.py" for name in ("agent", "cards", "operator", "peer", "sending")} | {"democratic_ai/aio.py": "democratic_ai/client.py"}
RULES = (
    (r"\basync (?=def |with |for )", ""), (r"\bawait ", ""), (r"__a(enter|exit)__", r"__\1__"), (r"\bAsyncIterator\b", "Iterator"), (r"\ban asyncio\.Event\b", "a threading.Event"),
    (r"^(from|import) \.\.", r"\1 ."), (r", for asyncio\b", ""), (r"^from agora\.aio import", "from agora import"),
)


def blocking(source):
    text = (ROOT / source).read_text(encoding="utf-8")
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return f"# Made of {source} by clients/generate.py: not to be edited.\n{text}"


def main(*options):
    stale = []
    for source, target in FILES.items():
        file, text = ROOT / target, blocking(source)
        if "--check" not in options:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(target)
    if stale:
        print(f"Not of the present async form: {', '.join(stale)}. Run: python3 clients/generate.py --blocking", file=sys.stderr)
    return 1 if stale else 0
