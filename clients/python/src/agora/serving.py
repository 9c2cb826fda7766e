"""Services over HTTP, with the standard library alone: what docs/services.md asks of them."""

import hashlib
import json
import logging
import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .answers import Answers
from .provider import Call, Metered, Refused, TryAgain
from .signatures import NOT_SIGNED, KeySet, why_not

MAX_INPUT_BYTES = 262_144
MAX_OUTPUT_BYTES = 1_048_576
_log = logging.getLogger("agora")


def server(*services, host="127.0.0.1", port=0, url=None, agora=None, verify=True, answers=None):
    """
    A server of these services, each at /{service_id}; serve_forever() starts it, `url` says where it is.

    url: the endpoint that is registered with Agora, without the service's own path: a call that is signed for another address is refused. Without it the
    address is http://host:port. agora: whose key set is taken; else AGENT_API_URL of the
    environment. verify=False: anybody may call. answers: Answers of a file outlive the process.
    """
    made = _Server((host, port), _Handler)
    made.url = (url or f"http://{host}:{made.server_port}").rstrip("/")
    made.services = {f"/{one.service_id}": one for one in services}
    keys = KeySet(f"{(agora or os.environ.get('AGENT_API_URL', 'http://127.0.0.1:8080')).rstrip('/')}/.well-known/jwks.json")
    made.find = keys.find if verify else None
    made.answers = answers or Answers()
    if verify:
        _warn(url, made)
    return made


def _warn(url, made):
    """Once, at start: what makes every call be refused 401."""
    if not url:
        _log.warning("url is not set, so only calls to %s are accepted. Set url to the endpoint that is registered with Agora, without the service's own path.", made.url)
    for path in made.services:
        if made.url.endswith(path):
            _log.warning("url ends in %s, so only calls to %s%s are accepted. url is the endpoint that is registered with Agora, without the service's own path.", path, made.url, path)


def serve(*services, port=9000, **settings):
    """Serves until the process is ended."""
    made = server(*services, port=port, **settings)
    print("\n".join(f"{one.service_id} answers at {made.url}{path}" for path, one in made.services.items()), flush=True)
    made.serve_forever()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "agora-service"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120
    _begun = False

    def log_message(self, *_):
        """Nothing: what a request holds is its user's."""

    def do_POST(self):
        body = self._body()
        service = self._admitted(body) if body is not None else None
        if service is None:
            return
        run, digest = self.headers.get("Idempotency-Key", ""), hashlib.sha256(body).hexdigest()
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return self._refuse(400, "malformed_request", "The body is no JSON.")
        refused = service.refused(value)
        if refused:
            return self._refuse(refused.status, refused.code, refused.message, refused.details)
        known = self.server.answers.begin(run)
        if known is None:
            return self._execute(service, run, digest, value)
        if known[0] != digest:
            return self._refuse(409, "idempotency_conflict", "This Idempotency-Key came with another body before.")
        self._send(known[1], known[3], known[2])

    def do_DELETE(self):
        self.close_connection = self.headers.get("Content-Length", "0") != "0"
        service = self._admitted(b"")
        if service is not None:
            self._send(204 if service.cancel(self.headers.get("Idempotency-Key", "")) else 404, b"")

    def _admitted(self, body):
        """The service that is called, by Agora; None: it was refused."""
        service = self.server.services.get(self.path)
        if service is None:
            return self._refuse(404, "not_found", "There is no such service here.")
        if not 0 < len(self.headers.get("Idempotency-Key", "")) <= 255:
            return self._refuse(400, "malformed_request", "A run has an Idempotency-Key.")
        if self.server.find is None:
            return service
        headers = {name.lower(): ", ".join(self.headers.get_all(name)) for name in self.headers.keys()}
        try:
            why = why_not(self.command, self.server.url + self.path, headers, body, self.server.find)
        except (OSError, ValueError):
            _log.exception("Agora's key set cannot be read.")
            return self._refuse(503, "unavailable", "Agora's key set cannot be read.")
        if why == NOT_SIGNED:
            why = self._elsewhere(why)
        return self._refuse(401, "unauthorized", why) if why else service

    def _elsewhere(self, why):
        """The most common reason: the call was signed for another address than the expected one. A signature does not say its address, so both are named."""
        host = self.headers.get("Host", "")
        came = f"{host}{self.path}" if re.fullmatch(r"[A-Za-z0-9.:\[\]-]{1,255}", host) else self.path
        why = f"{why} Expected: a call that is signed for {self.server.url}{self.path}. This call came to {came}. If Agora has another address registered, set url to it, without {self.path} at its end."
        _log.warning("%s", why)
        return why

    def _body(self):
        lengths, length = self.headers.get_all("Content-Length", []), self.headers.get("Content-Length", "")
        if len(lengths) != 1 or not re.fullmatch("[0-9]{1,15}", length) or "Transfer-Encoding" in self.headers:  # Two would read two requests (RFC 9112, 6.3).
            self.close_connection = True
            return self._refuse(411, "malformed_request", "The body's length is wanted.")
        if int(length) > MAX_INPUT_BYTES:
            self.rfile.read(min(int(length), 4 * MAX_INPUT_BYTES))  # Who is still writing would not hear the answer.
            self.close_connection = True
            return self._refuse(413, "payload_too_large", f"A body has at most {MAX_INPUT_BYTES} bytes.")
        return self.rfile.read(int(length))

    def _execute(self, service, run, digest, value):
        """Once a run: whatever comes of it is kept, but for what is to be tried again."""
        kept, self._begun = {}, False
        try:
            call = Call(run, self.headers.get("Agora-Max-Cost-Cents"), self.headers.get("traceparent"))
            result = service.run(value, call)
            if service.streams:
                kept = {"status": 200, "answer": self._stream(service, result)}
                return None
            cost = str(result.cost_cents) if isinstance(result, Metered) else None
            kept = {"status": 200, "cost": cost, "answer": _answer(service, result.output if isinstance(result, Metered) else result)}
        except TryAgain as later:
            return None if self._begun else self._refuse(503, "unavailable", str(later) or "Try again.")
        except Refused as wrong:
            kept = {"status": wrong.status, "answer": _error(wrong.code, wrong.message, wrong.details)}
        except Exception:
            _log.exception("Run %s of %s has failed.", run, service.service_id)
            kept = {"status": 500, "answer": _error("internal", "The service has failed.")}
        finally:
            self.server.answers.end(run, digest, **kept)
        return None if self._begun else self._send(kept["status"], kept["answer"], kept.get("cost"))

    def _stream(self, service, items):
        """Items as they come, as one JSON array. What is broken off in the middle has no end, so it is no JSON, and the run fails."""
        parts, size, heard, self._begun = [], 2, True, False
        try:
            for item in items:
                part = ("," if parts else "[").encode() + _answer(service, item, item=True)
                size += len(part)
                if size > MAX_OUTPUT_BYTES:
                    raise ValueError(f"An answer has at most {MAX_OUTPUT_BYTES} bytes.")
                parts.append(part)
                if not self._begun:
                    self._head(200, None, chunked=True)
                    self._begun = True
                heard = heard and self._chunk(part)
        except Exception:
            self.close_connection = self._begun
            raise
        end = b"]" if parts else b"[]"
        if not self._begun:
            self._send(200, end)
            self._begun = True
        elif heard:
            self._chunk(end, last=True)
        return b"".join(parts) + end

    def _chunk(self, part, last=False):
        """False: the caller is gone. The run goes on, for it is asked for again."""
        try:
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n" + (b"0\r\n\r\n" if last else b""))
            self.wfile.flush()
            return True
        except OSError:
            self.close_connection = True
            return False

    def _refuse(self, status, code, message, details=None):
        self._send(status, _error(code, message, details))

    def _send(self, status, answer, cost=None):
        try:
            self._head(status, len(answer) if status != 204 else None, cost=cost)
            self.wfile.write(answer)
            self.wfile.flush()
        except OSError:
            self.close_connection = True

    def _head(self, status, length, chunked=False, cost=None):
        self.send_response(status)
        if length is not None or chunked:
            self.send_header("Content-Type", "application/json")
            self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(length))))
        if cost is not None:
            self.send_header("Agora-Cost-Cents", cost)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()


def _answer(service, output, item=False):
    """The bytes of an output."""
    text = json.dumps(service.answered(output, item), ensure_ascii=False, allow_nan=False).encode()
    if len(text) > MAX_OUTPUT_BYTES:
        raise ValueError(f"An answer has at most {MAX_OUTPUT_BYTES} bytes.")
    return text


def _error(code, message, details=None):
    error = {"code": code, "message": message}
    return json.dumps({"error": {**error, "details": details} if details else error}, ensure_ascii=False).encode()
