"""What the extras of this package bring, where it is here."""

import importlib.metadata
import importlib.util

HTTPX = importlib.util.find_spec("httpx") is not None
try:
    SEALING = int(importlib.metadata.version("cryptography").split(".")[0]) >= 42
except importlib.metadata.PackageNotFoundError:
    SEALING = False
