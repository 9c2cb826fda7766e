"""A server that answers as it is told, one answer a request, and remembers what it was sent."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOST = object()


class Scripted:
    """answers: LOST (the connection ends), or (status, body), or (status, code) with retry and retry_after_seconds."""

    def __init__(self, *answers):
        self.left, self.seen = list(answers), []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                script.seen.append((self.command, self.path, self.headers.get("Idempotency-Key"), self.headers.get("Authorization"), body))
                answer = script.left.pop(0)
                if answer is LOST:
                    self.close_connection = True
                    self.connection.close()
                    return
                body = error(*answer) if isinstance(answer[1], str) else answer[1]
                text = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(answer[0])
                if answer[0] in (301, 302, 307):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = do_PUT = _answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def keys(self):
        return [seen[2] for seen in self.seen]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def error(_, code, retry="never", after=None):
    return {"status": "error", "request_id": "r", "error": {"code": code, "message": "No.", "details": None, "retry": retry, "retry_after_seconds": after, "next_actions": []}}


def ok(**data):
    return 200, {"status": "success", "request_id": "r", "data": data, "next_actions": []}
