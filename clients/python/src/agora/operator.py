# Made of agora/aio/operator.py by clients/generate.py: not to be edited.
"""What operators do, as far as a few lines reach: any route, and any list as iteration."""

import os

from .agent import pages
from .transport import Transport


class Operator:
    """Operators' routes. url, key: else AGENT_API_URL and AGORA_ADMIN_KEY of the environment."""

    def __init__(self, url=None, key=None, retry=None):
        self.transport = Transport(url or os.environ.get("AGENT_API_URL", "http://127.0.0.1:8080"), retry)
        self.key = key or os.environ["AGORA_ADMIN_KEY"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.transport.close()

    def request(self, method, path, body=None, query=None, key=None, headers=None):
        return self.transport.send(method, path, self.key, body, query, key, headers)

    def put_service(self, service_id, definition):
        """definition: as Service.definition gives it."""
        return self.request("PUT", f"/admin/services/{service_id}", definition)

    def all(self, path, **filters):
        """All items of a list, such as all("/admin/payments", user_id="u1")."""
        return pages(lambda part: self.request("GET", path, query=part), filters)
