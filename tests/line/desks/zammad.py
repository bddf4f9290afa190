#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of Zammad's REST API that the adapter uses, made from its manual.

    zammad.py --port-file FILE

No Zammad stands behind it: it shows that we say what the manual says, no more.
POST /control/fault {"on": "POST /tickets", "kind": "lose" | "late-500" | CODE}
makes it go wrong once; POST /control/work does what its scheduler would: the data
privacy tasks; POST /control/reset; GET /control/dump.  Loopback only.
"""
import argparse
import http.server
import itertools
import json
import pathlib
import re
import time
import urllib.parse

TOKEN = "test-token"
TICKET = {"title", "group", "customer_id", "state", "tags", "article",
          "priority"}
ARTICLE = {"ticket_id", "subject", "body", "content_type", "type", "sender",
           "internal", "from", "to", "attachments", "message_id"}
STATES = {"new", "open", "closed"}
PRIORITIES = {"1 low", "2 normal", "3 high"}


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Zammad(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    tickets, users, tasks, faults = {}, {}, [], []
    numbers = itertools.count(3)

    def log_message(self, format, *args):
        pass

    def answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    # --- what the manual says

    def article(self, wish):
        if set(wish) - ARTICLE:
            raise Refused(422, f"unknown {sorted(set(wish) - ARTICLE)}")
        if wish["sender"] == "Agent" and not wish["internal"]:
            raise Refused(422, "this would be mailed out")
        return {n: wish.get(n) for n in ARTICLE}

    def create(self, wish):
        if set(wish) - TICKET:
            raise Refused(422, f"unknown {sorted(set(wish) - TICKET)}")
        if wish["group"] not in ("Users", "dep1"):
            raise Refused(422, "No lookup value found for 'group'")
        if not wish["customer_id"].startswith("guess:"):
            raise Refused(422, "customer_id")
        address = wish["customer_id"][6:].lower()
        if address not in self.users:
            self.users[address] = next(self.numbers)
        user = self.users[address]
        number = max(self.tickets, default=0) + 1
        self.tickets[number] = {
            "id": number, "number": f"{22000 + number}", "title": wish["title"],
            "state": wish.get("state", "new"), "customer": address,
            "customer_id": user, "group": wish["group"],
            "priority": wish.get("priority", "2 normal"),
            "created_at": time.strftime("%FT%T.000Z", time.gmtime()),
            "tags": [t for t in wish.get("tags", "").split(",") if t],
            "articles": [self.article(wish["article"])]}
        return 201, self.shown(self.tickets[number])

    @staticmethod
    def shown(ticket):
        return {n: ticket[n] for n in ("id", "number", "title", "customer_id",
                                       "created_at")}

    def ticket(self, number):
        if int(number) not in self.tickets:
            raise Refused(404, f"Couldn't find Ticket with 'id'={number}")
        return self.tickets[int(number)]

    def search(self, query):
        field, value = re.fullmatch(r'([\w.]+):"(.*)"', query).groups()
        if field == "article.message_id":
            found = [t for t in self.tickets.values() if any(
                value in (a["message_id"] or "") for a in t["articles"])]
        elif field == "customer.email":
            found = [t for t in self.tickets.values()
                     if t["customer"] == value.lower()]
        else:
            raise Refused(400, f"no field {field}")
        return 200, {"tickets": [t["id"] for t in found],
                     "tickets_count": len(found), "assets": {"Ticket": {
                         str(t["id"]): self.shown(t) for t in found}}}

    def update(self, number, wish):
        ticket = self.ticket(number)
        if (wish.get("state", "new") not in STATES
                or wish.get("priority", "1 low") not in PRIORITIES):
            raise Refused(422, "No lookup value found")
        ticket.update(wish)
        return 200, self.shown(ticket)

    def tag(self, method, path, query, wish):
        if (method, path) == ("GET", "/tags"):
            return 200, {"tags": self.ticket(query["o_id"])["tags"]}
        tags = self.ticket(wish["o_id"])["tags"]
        if path == "/tags/add" and wish["item"] not in tags:
            tags.append(wish["item"])
        if path == "/tags/remove" and wish["item"] in tags:
            tags.remove(wish["item"])
        return 201, True

    def erase(self, wish):
        if wish["deletable_type"] not in ("User", "Ticket"):
            raise Refused(422, "Data privacy task allows to delete a user or a "
                               "ticket only.")
        if wish in self.tasks:
            raise Refused(422, "Selected object is already queued for "
                               "deletion.")
        self.tasks.append(wish)
        return 201, {"id": len(self.tasks)}

    def run_tasks(self):
        for task in self.tasks:
            number = task["deletable_id"]
            if task["deletable_type"] == "Ticket":
                self.tickets.pop(number, None)
                continue
            for address in [a for a, n in self.users.items() if n == number]:
                del self.users[address]
            for one in [n for n, t in self.tickets.items()
                        if t["customer_id"] == number]:
                del self.tickets[one]

    def user(self, number):
        if int(number) not in self.users.values():
            raise Refused(404, f"Couldn't find User with 'id'={number}")
        return 200, {"id": int(number)}

    def work(self, method, path, query, wish):
        if (method, path) == ("GET", "/users/me"):
            return 200, {"id": 2}
        if (method, path) == ("GET", "/groups"):
            return 200, [{"id": 1, "name": "Users"}]
        if path == "/data_privacy_tasks":
            return (200, self.tasks) if method == "GET" else self.erase(wish)
        if (method, path) == ("GET", "/users/search"):
            value = re.fullmatch(r'email:"(.*)"', query["query"]).group(1)
            return 200, [{"id": n, "email": a} for a, n in self.users.items()
                         if value.lower() in a]
        if (method, path) == ("GET", "/tickets/search"):
            return self.search(query["query"])
        if path == "/tickets":
            return ((200, []) if method == "GET" else self.create(wish))
        if path.startswith("/tags"):
            return self.tag(method, path, query, wish)
        if (method, path) == ("POST", "/ticket_articles"):
            self.ticket(wish["ticket_id"])["articles"].append(
                self.article(wish))
            return 201, {"id": 1}
        if path.startswith("/ticket_articles/by_ticket/"):
            return 200, self.ticket(path.rpartition("/")[2])["articles"]
        if method == "GET" and path.startswith("/users/"):
            return self.user(path.rpartition("/")[2])
        if method == "GET" and path.startswith("/tickets/"):
            return 200, self.shown(self.ticket(path.rpartition("/")[2]))
        if method == "PUT" and path.startswith("/tickets/"):
            return self.update(path.rpartition("/")[2], wish)
        raise Refused(404, "No route matches")

    # --- calls

    def control(self, path, wish):
        if path == "/control/fault":
            self.faults.append(wish)
        if path == "/control/work":
            self.run_tasks()
        if path == "/control/reset":
            type(self).numbers = itertools.count(3)
            for one in (self.tickets, self.users, self.tasks, self.faults):
                one.clear()
        self.answer(200, {"tickets": list(self.tickets.values()),
                          "tasks": self.tasks})

    def fault_for(self, name):
        for fault in self.faults:
            if name.startswith(fault["on"]):
                self.faults.remove(fault)
                return fault["kind"]
        return ""

    def handle_call(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        wish = json.loads(body) if body else None
        if url.path.startswith("/control/"):
            return self.control(url.path, wish)
        path = url.path.removeprefix("/api/v1")
        if self.headers.get("Authorization") != f"Token token={TOKEN}":
            return self.answer(401, {"error": "Invalid token!"})
        kind = self.fault_for(f"{self.command} {path}")
        if kind.isdigit():
            return self.answer(int(kind), {"error": f"told to say {kind}"})
        try:
            status, value = self.work(self.command, path, query, wish)
        except Refused as why:
            status, value = why.status, {"error": str(why)}
        if kind == "lose":
            self.close_connection = True
            return None
        if kind == "late-500":
            return self.answer(500, {"error": "told to fail late"})
        return self.answer(status, value)

    do_GET = do_POST = do_PUT = do_DELETE = handle_call


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port-file", required=True)
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Zammad)
    server.daemon_threads = True
    pathlib.Path(options.port_file).write_text(f"{server.server_port}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
