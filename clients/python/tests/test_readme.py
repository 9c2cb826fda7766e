import os
import pathlib
import re
import unittest
import uuid

from .extras import HTTPX, SEALING


@unittest.skipUnless(os.environ.get("CLIENT_TEST_URL"), "CLIENT_TEST_URL names no server")
class ReadmeTests(unittest.TestCase):
    def test_what_the_readme_shows_runs(self):
        text = (pathlib.Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        self.assertEqual(7, len(blocks))
        mark = uuid.uuid4().hex  # A sponsor pays for so many runs of one user, an agent has one card, a service is called as it was for a second, and a skill is asked of whoever is there.
        for block in blocks:
            if "agora.sealed" in block and not SEALING:
                continue
            if "async " in block and not HTTPX:
                continue
            exec(compile(re.sub(r"\b(reader|seller|shouting|loud)\b", rf"\1-{mark}", block), "README.md", "exec"), {})  # Each as it would be pasted into a file of its own.
