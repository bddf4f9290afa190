#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A help desk that fails on demand.

It speaks the part of LiveAgent's API v3 that Deskgate uses (contract.yaml),
remembers tickets and files, and can be told to go wrong.  Standard library
only; loopback only.

    faultdesk.py [--port N] [--key KEY] [--department ID] [--port-file FILE]

It prints "port N" when it listens.  Besides the API, without a key:

    GET  /control/dump            all tickets: [{id, code, ..., "files": [{id,
                                  name, type, size, sha256, content(base64)}]}]
    GET  /control/calls           every call: [{"method", "path", "fault"}]
    POST /control/reset           forget all it was told, and all faults
    POST /control/random          {"rate": 0.2, "kinds": [KIND...], "seed": 1,
                                   "seconds": 5}: that share of all calls of the
                                   API is hit by one of them
    POST /control/set             {"id": ID, "status": "B"}: an agent marks it
    POST /control/answer          {"id": ID, "mail_msg_id": "<x@y>"}: an agent
                                  answers by mail
    POST /control/fault           {"on": "POST /tickets", "kind": KIND,
                                   "times": 1, "after": 0, "seconds": 5,
                                   "retry_after": 2}

`on` is a method and the beginning of a path; `after` calls that fit are let
through first, `times` (-1: always) are hit.  Kinds:

    lose       do the work, then close the connection without an answer
    stall      do the work, then wait `seconds` before the answer
    cut        do the work, then stop in the middle of the answer
    half-json  do the work, then answer with half of the JSON
    late-500   do the work, then answer 500 with JSON
    refuse     close the connection before reading anything (nothing is done)
    429        nothing is done; Retry-After when `retry_after` is given
    500        nothing is done; JSON
    html       nothing is done; 500 with the HTML of Slim
    403, 400   nothing is done; JSON

Version 1 of the API is there too, as far as it is needed: POST
/api/conversations/ID/messages, with its own key (--v1-key).
"""
import argparse
import base64
import datetime
import email.parser
import email.policy
import hashlib
import http.server
import json
import random
import secrets
import sys
import threading
import time
import urllib.parse

SLIM = ("<html><head><title>Slim Application Error</title></head><body>"
        "<h1>Slim Application Error</h1><p>The application could not run "
        "because of the following error:</p></body></html>")
REQUIRED = ("useridentifier", "subject", "departmentid", "recipient", "message")
ALLOWED = REQUIRED + (
    "recipient_name", "carbon_copies", "blind_carbon_copies", "status",
    "mail_message_id", "do_not_send_mail", "use_template", "is_html_message",
    "custom_fields", "tags", "attachments")
MAX_BODY = 64 << 20
BEFORE = {"refuse", "429", "500", "html", "403", "400"}


class Chance:
    """Faults at random, the same for the same seed and order of calls."""

    def __init__(self, wish):
        self.random = random.Random(wish.get("seed", 1))
        self.wish = wish

    def fault(self):
        if self.random.random() >= self.wish["rate"]:
            return None
        return {"kind": self.random.choice(self.wish["kinds"]),
                "seconds": self.wish.get("seconds", 5)}


class Desk:
    """What the desk remembers; every method is called with the lock held."""

    def __init__(self, key, v1_key, department):
        self.key, self.v1_key, self.department = key, v1_key, department
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.tickets, self.files, self.faults, self.calls = {}, {}, [], []
        self.tags, self.chance, self.deleted_contacts = {}, None, set()

    def fault_for(self, method, path):
        for fault in self.faults:
            if not f"{method} {path}".startswith(fault["on"]):
                continue
            if fault.get("after", 0) > 0:
                fault["after"] -= 1
                continue
            if fault["times"] == 0:
                continue
            fault["times"] -= 1 if fault["times"] > 0 else 0
            return fault
        return self.chance.fault() if self.chance else None

    def add_file(self, name, kind, data):
        number = secrets.token_hex(8)
        self.files[number] = {
            "id": number, "name": name, "type": kind, "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "content": base64.b64encode(data).decode()}
        return number

    def now(self):
        """In a zone of its own, as the vendor's is."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return (now - datetime.timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")

    def add_message(self, ticket, kind, text, message_id=""):
        ticket["groups"].append({
            "id": secrets.token_hex(4), "type": kind, "status": "D",
            "mail_msg_id": message_id, "datecreated": self.now(),
            "messages": [{"id": secrets.token_hex(4), "type":
                          "N" if kind == "N" else "M", "format": "T",
                          "message": text}]})
        ticket["date_changed"] = self.now()

    def add_ticket(self, body):
        number = secrets.token_hex(4)
        ids = [i for i in body.get("attachments", "").split(",") if i]
        self.tickets[number] = {
            "id": number, "code": f"FLT-{len(self.tickets) + 1:05d}-001",
            "status": body.get("status", "N"),
            "owner_email": body["useridentifier"],
            "departmentid": body["departmentid"], "subject": body["subject"],
            "date_created": self.now(), "tags": list(body.get("tags", [])),
            "groups": [],
            "body": body, "files": [self.files[i] for i in ids]}
        self.add_message(self.tickets[number], "3", body["message"],
                         body.get("mail_message_id", ""))
        return self.tickets[number]

    def purge(self):
        self.deleted_contacts.clear()
        self.tickets = {k: t for k, t in self.tickets.items()
                        if t["status"] != "X"}

    def contacts(self):
        """One for each address that has a ticket which is not deleted."""
        owners = {t["owner_email"].lower() for t in self.tickets.values()
                  if t["status"] != "X"}
        return [{"id": "c-" + hashlib.sha256(o.encode()).hexdigest()[:8],
                 "emails": [o]} for o in sorted(owners)]


def ticket_json(ticket):
    names = ("id", "code", "status", "owner_email", "departmentid", "subject",
             "date_created", "date_changed", "tags")
    return {name: ticket[name] for name in names}


OPERATORS = {
    "=": lambda a, b: b.lower() in a if isinstance(a, list)
    else a.lower() == b.lower(),
    "D>=": lambda a, b: a >= b, "D<=": lambda a, b: a <= b,
    "D>": lambda a, b: a > b, "D<": lambda a, b: a < b,
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    desk = None

    def log_message(self, format, *args):
        pass

    # --- answers

    def send(self, status, value, headers=(), cut=False, half=False):
        text = value if isinstance(value, str) else json.dumps(value)
        data = text.encode()
        if half:
            data = data[:len(data) // 2]
        self.send_response(status)
        self.send_header("Content-Type", "text/html"
                         if isinstance(value, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, content in headers:
            self.send_header(name, content)
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if cut else data)
        if cut:
            self.hang_up()

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True

    def refuse(self, fault):
        kind = fault["kind"]
        if kind == "refuse":
            self.close_connection = True
        elif kind == "429":
            after = fault.get("retry_after")
            self.send(429, {"message": "too many requests"},
                      [("Retry-After", str(after))] if after else [])
        elif kind == "html":
            self.send(500, SLIM)
        else:
            self.send(int(kind), {"message": f"told to say {kind}"})

    def finish_with(self, fault, status, value):
        kind = fault["kind"] if fault else ""
        if kind == "lose":
            self.close_connection = True
        elif kind == "stall":
            time.sleep(fault.get("seconds", 5))
            self.send(status, value)
        elif kind == "late-500":
            self.send(500, {"message": "told to fail late"})
        else:
            self.send(status, value, cut=kind == "cut",
                      half=kind == "half-json")

    # --- the API; each returns (status, value)

    def upload(self, body):
        parse = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes
        form = parse(f"Content-Type: {self.headers['Content-Type']}\r\n\r\n"
                     .encode())
        # By hand: the parser would look into a part of type message/rfc822.
        mark = b"--" + str(form.get_boundary()).encode()
        for part in (b"\r\n" + body).split(b"\r\n" + mark + b"\r\n")[1:]:
            head, _, data = part.partition(b"\r\n\r\n")
            field = parse(head + b"\r\n\r\n")
            if field.get_param("name", header="content-disposition") == "file":
                number = self.desk.add_file(
                    field.get_filename(), field.get_content_type(),
                    data.partition(b"\r\n" + mark + b"--")[0])
                shown = dict(self.desk.files[number])
                del shown["content"], shown["sha256"]
                return 200, shown
        return 400, {"message": "no part named file"}

    def create(self, body):
        missing = [n for n in REQUIRED if not isinstance(body.get(n), str)]
        unknown = [n for n in body if n not in ALLOWED]
        if missing or unknown:
            return 422, {"message": f"missing {missing}, unknown {unknown}"}
        if "@" not in body["useridentifier"]:
            return 400, {"message": "invalid useridentifier"}
        if body.get("do_not_send_mail") != "Y":
            return 400, {"message": "this would mail the ticket out"}
        for number in filter(None, body.get("attachments", "").split(",")):
            if number not in self.desk.files:
                return 400, {"message": f"no file {number}"}
        return 200, ticket_json(self.desk.add_ticket(body))

    @staticmethod
    def page(rows, query):
        for column, operator, value in json.loads(
                query.get("_filters", ["[]"])[0]):
            test = OPERATORS[operator]
            rows = [r for r in rows if test(r.get(column, ""), value)]
        field = query.get("_sortField", ["date_created"])[0]
        rows = sorted(rows, key=lambda row: row.get(field, ""),
                      reverse=query.get("_sortDir", ["ASC"])[0] == "DESC")
        size = int(query.get("_perPage", ["10"])[0])
        start = (int(query.get("_page", ["1"])[0]) - 1) * size
        return 200, rows[start:start + size]

    def tag(self, body):
        name = body["name"]
        if name in self.desk.tags.values():
            return 400, {"message": "there is such a tag"}
        number = f"t{len(self.desk.tags) + 1}"
        self.desk.tags[number] = name
        return 200, {"id": number, "name": name}

    def update(self, ticket, body):
        unknown = [t for t in body.get("tags", []) if t not in self.desk.tags]
        if unknown:
            return 400, {"message": f"no tags {unknown}"}
        ticket.update({n: body[n] for n in ("status", "tags") if n in body})
        ticket["date_changed"] = self.desk.now()
        return 200, ticket_json(ticket)

    def erase_contact(self, number, query):
        if query.get("deleteTickets") != ["true"]:
            return 422, {"message": "deleteTickets is required"}
        for contact in self.desk.contacts():
            if contact["id"] == number:
                for ticket in self.desk.tickets.values():
                    if ticket["owner_email"].lower() in contact["emails"]:
                        ticket["status"] = "X"
                self.desk.deleted_contacts.add(number)
                return 200, {}
        return 404, {"message": "not found"}

    def work_v1(self, path, body):
        form = {k: v[0] for k, v in
                urllib.parse.parse_qs(body.decode()).items()}
        parts = path.split("/")
        if form.get("apikey") != self.desk.v1_key:
            return 403, {"message": "ApiKey not found"}
        if parts[1:2] != ["conversations"] or parts[3:] != ["messages"]:
            return 404, {"message": "not found"}
        ticket = self.desk.tickets.get(parts[2])
        if ticket is None or ticket["status"] == "X":
            return 404, {"message": "no such conversation"}
        if form.get("do_not_send_mail") != "Y":
            return 400, {"message": "this would mail the message out"}
        self.desk.add_message(ticket, {"M": "3", "N": "N"}[form["type"]],
                              form["message"])
        ticket["groups"][-1]["user"] = form.get("useridentifier")
        return 200, {"response": {"status": "OK"}}

    def work(self, method, path, query, body):
        desk = self.desk
        if (method, path) == ("GET", "/ping"):
            return 200, {}
        if (method, path) == ("GET", "/departments"):
            return 200, [{"department_id": desk.department, "name": "Support"}]
        if (method, path) == ("POST", "/files"):
            return self.upload(body)
        if (method, path) == ("GET", "/tickets"):
            return self.page([ticket_json(t) for t in desk.tickets.values()],
                             query)
        if (method, path) == ("GET", "/contacts"):
            return self.page(desk.contacts(), query)
        if (method, path) == ("GET", "/tags"):
            return 200, [{"id": i, "name": n} for i, n in desk.tags.items()]
        if (method, path) == ("POST", "/tags"):
            return self.tag(json.loads(body))
        if (method, path) == ("POST", "/tickets"):
            return self.create(json.loads(body))
        parts = path.split("/")
        if method == "DELETE" and parts[1] == "contacts":
            return self.erase_contact(parts[2], query)
        if method == "GET" and parts[1] == "contacts":
            ids = {c["id"] for c in desk.contacts()} | desk.deleted_contacts
            return (200, {"firstname": "-"}) if parts[2] in ids \
                else (404, {"message": "not found"})
        ticket = desk.tickets.get(parts[2]) if len(parts) > 2 else None
        if ticket is None or parts[1] != "tickets":
            return 404, {"message": "not found"}
        if method == "GET" and parts[3:] == ["messages"]:
            groups = ticket["groups"]
            if query.get("_sortDir", ["ASC"])[0] == "DESC":
                groups = groups[::-1]
            size = int(query.get("_perPage", ["10"])[0])
            return 200, [g for g in groups if g["type"] != "N"][:size]
        if method == "PUT" and len(parts) == 3:
            return self.update(ticket, json.loads(body))
        return 200, ticket_json(ticket)

    # --- calls

    def control(self, path, body):
        desk = self.desk
        if path == "/control/dump":
            return self.send(200, list(desk.tickets.values()))
        if path == "/control/calls":
            return self.send(200, desk.calls)
        if path == "/control/purge":  # its days are over
            desk.purge()
            return self.send(200, {})
        if path == "/control/reset":
            desk.reset()
        elif path == "/control/random":
            desk.chance = Chance(json.loads(body))
        elif path == "/control/set":
            wish = json.loads(body)
            self.update(desk.tickets[wish["id"]], wish)
        elif path == "/control/answer":
            wish = json.loads(body)
            ticket = desk.tickets[wish["id"]]
            ticket["status"] = "A"
            desk.add_message(ticket, "4", "an answer", wish["mail_msg_id"])
        elif path == "/control/fault":
            fault = json.loads(body)
            fault.setdefault("times", 1)
            desk.faults.append(fault)
        else:
            return self.send(404, {"message": "no such control"})
        return self.send(200, {})

    def handle_call(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        length = min(int(self.headers.get("Content-Length", 0)), MAX_BODY)
        path = url.path.removeprefix("/api/v3")
        if url.path.startswith("/control/"):
            body = self.rfile.read(length)
            with self.desk.lock:
                return self.control(url.path, body)
        with self.desk.lock:
            fault = self.desk.fault_for(self.command, path)
            self.desk.calls.append({
                "method": self.command, "path": path,
                "fault": fault["kind"] if fault else None})
        if fault and fault["kind"] == "refuse":
            return self.refuse(fault)
        body = self.rfile.read(length)
        v1 = url.path.startswith("/api/conversations/")
        if not v1 and self.headers.get("apikey") != self.desk.key:
            return self.send(403, {"message": "ApiKey not found"})
        if fault and fault["kind"] in BEFORE:
            return self.refuse(fault)
        try:
            with self.desk.lock:
                answer = (self.work_v1(url.path[len("/api"):], body) if v1
                          else self.work(self.command, path, query, body))
        except (ValueError, KeyError, TypeError) as why:
            answer = 400, {"message": f"bad request: {why}"}
        return self.finish_with(fault, *answer)

    do_GET = do_POST = do_PUT = do_DELETE = handle_call


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (BrokenPipeError,
                                              ConnectionResetError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="test-key")
    parser.add_argument("--v1-key", default="v1-test-key")
    parser.add_argument("--department", default="dep1")
    parser.add_argument("--port-file")
    options = parser.parse_args()
    Handler.desk = Desk(options.key, options.v1_key, options.department)
    server = Server(("127.0.0.1", options.port), Handler)
    print(f"port {server.server_port}", flush=True)
    if options.port_file:
        with open(options.port_file, "w", encoding="ascii") as file:
            file.write(f"{server.server_port}\n")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
