#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook's receiver, as contrib/doc/desks.md describes one.

    receiver.py --port-file FILE --secret FILE [--forget]

It checks each signature and honours Idempotency-Key (with --forget it does not),
keeps tickets in memory, and can go wrong as faultdesk.py can: POST
/control/fault {"on": "create", "kind": "lose" | "late-500" | "429" | CODE,
"times": 1}.  GET /control/dump tells what it has.  Loopback only.
"""
import argparse
import hashlib
import hmac
import http.server
import json
import pathlib
import time
import urllib.parse

WINDOW = 300  # seconds a signature is good for


def signed(secret, timestamp, event, body):
    text = timestamp.encode() + b"." + event.encode() + b"." + body
    return "sha256=" + hmac.new(secret, text, hashlib.sha256).hexdigest()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    secret, forget = b"", False
    tickets, files, done, faults, erased = {}, {}, {}, [], []

    def log_message(self, format, *args):
        pass

    def answer(self, status, value, headers=()):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def is_ours(self, event, body):
        timestamp = self.headers.get("X-Deskgate-Timestamp", "")
        want = signed(self.secret, timestamp, event, body)
        return (timestamp.isdigit()
                and abs(time.time() - int(timestamp)) <= WINDOW
                and hmac.compare_digest(
                    want, self.headers.get("X-Deskgate-Signature", "")))

    # --- events; each returns (status, value)

    def on_file(self, body, key):
        name = urllib.parse.unquote(self.headers.get("X-Deskgate-Name", ""))
        number = f"f{len(self.files) + 1}"
        self.files[number] = {"name": name, "key": key,
                              "sha256": hashlib.sha256(body).hexdigest()}
        return 200, {"id": number}

    def on_create(self, wish):
        number = str(len(self.tickets) + 1)
        self.tickets[number] = {"id": number, "messages": [wish], "changes": []}
        return 201, {"id": number, "code": f"W-{number}"}

    def on_append(self, wish):
        ticket = self.tickets.get(wish["ticket_id"])
        if ticket is None:
            return 404, {"message": "no such ticket"}
        ticket["messages"].append(wish)
        return 200, {}

    def on_find(self, wish):
        for number, ticket in self.tickets.items():
            if any(m["key"] == wish["key"] for m in ticket["messages"]):
                return 200, {"id": number, "code": f"W-{number}"}
        return 200, {"id": None}

    def on_change(self, wish):
        self.tickets[wish["ticket_id"]]["changes"].append(wish)
        return 200, {}

    on_note = on_change

    def on_erase(self, wish):
        self.erased.append(wish["address"])
        return 200, {"outcome": "open", "tickets": 2,
                     "message": "backups are kept for 30 days"}

    def on_test(self, wish):
        return 200, {}

    def work(self, event, body):
        key = self.headers.get("Idempotency-Key")
        if key in self.done and not self.forget:
            return self.done[key]
        if event == "file":
            result = self.on_file(body, key)
        else:
            result = getattr(self, "on_" + event)(json.loads(body))
        if key and result[0] < 300:
            self.done[key] = result
        return result

    def fault_for(self, event):
        for fault in self.faults:
            if fault["on"] == event and fault["times"] > 0:
                fault["times"] -= 1
                return fault["kind"]
        return ""

    def do_GET(self):
        self.answer(200, {"tickets": list(self.tickets.values()),
                          "files": self.files, "erased": self.erased})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/control/fault":
            self.faults.append({"times": 1, **json.loads(body)})
            return self.answer(200, {})
        if self.path == "/control/reset":
            for one in (self.tickets, self.files, self.done, self.faults,
                        self.erased):
                one.clear()
            return self.answer(200, {})
        event = self.headers.get("X-Deskgate-Event", "")
        if not self.is_ours(event, body):
            return self.answer(401, {"message": "the signature is wrong"})
        kind = self.fault_for(event)
        if kind == "429":
            return self.answer(429, {}, [("Retry-After", "1")])
        if kind.isdigit():
            return self.answer(int(kind), {"message": f"told to say {kind}"})
        status, value = self.work(event, body)
        if kind == "lose":
            self.close_connection = True
            return None
        if kind == "late-500":
            return self.answer(500, {"message": "told to fail late"})
        return self.answer(status, value)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--forget", action="store_true")
    options = parser.parse_args()
    Receiver.secret = pathlib.Path(options.secret).read_bytes().strip()
    Receiver.forget = options.forget
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    pathlib.Path(options.port_file).write_text(f"{server.server_port}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
