#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The side of Dovecot's authentication protocol that Postfix asks, with one login.

usage: sasl.py SOCKET USER PASSWORD

Listens on a unix socket for smtpd (smtpd_sasl_type = dovecot) and knows PLAIN alone.
"""
import base64
import os
import socketserver
import sys


class Session(socketserver.StreamRequestHandler):
    def say(self, *words):
        self.wfile.write("\t".join(words).encode() + b"\n")

    def judge(self, number, response):
        good = base64.b64decode(response).split(b"\0")[1:] == [
            word.encode() for word in sys.argv[2:4]]
        self.say("OK" if good else "FAIL", number, "user=" + sys.argv[2])

    def handle(self):
        self.say("VERSION", "1", "1")
        self.say("MECH", "PLAIN", "plaintext")
        self.say("SPID", str(os.getpid()))
        self.say("CUID", "1")
        self.say("COOKIE", "0" * 32)
        self.say("DONE")
        for line in self.rfile:
            words = line.decode().rstrip("\n").split("\t")
            given = [w[5:] for w in words if w.startswith("resp=")]
            if words[0] == "AUTH" and not given:
                self.say("CONT", words[1], "")
            elif words[0] == "AUTH":
                self.judge(words[1], given[0])
            elif words[0] == "CONT":
                self.judge(words[1], words[2])


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


if __name__ == "__main__":
    with Server(sys.argv[1], Session) as server:
        os.chmod(sys.argv[1], 0o666)
        server.serve_forever()
