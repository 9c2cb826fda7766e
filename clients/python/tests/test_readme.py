import importlib.util
import os
import pathlib
import re
import unittest
import uuid


@unittest.skipUnless(os.environ.get("CLIENT_TEST_URL"), "CLIENT_TEST_URL names no server")
class ReadmeTests(unittest.TestCase):
    def test_what_the_readme_shows_runs(self):
        text = (pathlib.Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        self.assertEqual(4, len(blocks))
        reader = f"reader-{uuid.uuid4().hex}"  # A sponsor pays for so many runs of one user.
        for block in blocks:
            if "agora.sealed" in block and importlib.util.find_spec("cryptography") is None:
                continue
            exec(compile(block.replace("reader", reader), "README.md", "exec"), {})
