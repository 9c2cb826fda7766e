"""A provider's service by decorators: python3 text_summarizer.py [PORT]; with --definition it prints the body of PUT /admin/services/{service_id}."""

import json
import re
import sys
from dataclasses import dataclass
from typing import Annotated, Iterator

import agora

Text = Annotated[str, agora.Field("What is to be read.", min=1, max=50_000)]


@dataclass
class Summary:
    summary: str
    sentences: int
    length: int


@agora.service("text-summarizer", name="Text summarizer", category="writing", provider="provider-summarizer", price_cents=2)
def summarize(text: Text, max_length: Annotated[int, agora.Field("Characters of the summary.", min=20, max=5_000)] = 200) -> Summary:
    """Keeps the first sentences of a text that fit."""
    kept = list(sentences(text, max_length))
    if not kept:
        raise agora.Refused("The first sentence is longer than max_length.")
    summary = " ".join(kept)
    return Summary(summary, len(kept), len(summary))


@agora.service("text-sentences", name="Sentence splitter", category="writing", provider="provider-summarizer", price_cents=1)
def sentences(text: Text, max_length: Annotated[int, agora.Field(min=20, max=50_000)] = 50_000) -> Iterator[str]:
    """Sends a text's sentences, each when it is found, as far as they fit."""
    left = max_length
    for sentence in re.findall(r"[^.!?。！？]+[.!?。！？]*", text):
        sentence = sentence.strip()
        left -= len(sentence) + 1
        if sentence and left >= -1:
            yield sentence


if __name__ == "__main__":
    port = next((int(word) for word in sys.argv[1:] if word.isdigit()), 9000)
    if "--definition" in sys.argv:
        print(json.dumps(summarize.definition(f"http://127.0.0.1:{port}"), indent=2))
    else:
        agora.serve(summarize, sentences, port=port)
