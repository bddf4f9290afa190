#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP server that keeps what it is given.

    smtp_sink.py --port-file FILE DIRECTORY [--fail CODE]...

Each message becomes a file DIRECTORY/N (from 1), and N.envelope with a line
"from <...>" and a line "to <...>" for each recipient.  Each --fail is the reply
to one DATA, in order, before messages are taken; "drop" keeps the message and
closes the connection without an answer.  Standard library only; loopback only.
"""
import argparse
import pathlib
import socketserver
import threading


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def data(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def keep(self, sender, recipients):
        body = self.data()
        with self.server.lock:
            fault = self.server.faults.pop(0) if self.server.faults else None
            if fault in (None, "drop"):
                self.server.count += 1
                path = self.server.directory / str(self.server.count)
                path.with_suffix(".envelope").write_text(
                    f"from {sender}\n"
                    + "".join(f"to {r}\n" for r in recipients))
                path.write_bytes(body)
        if fault == "drop":
            return False
        self.say(f"{fault} told to" if fault else "250 kept")
        return True

    def handle(self):
        sender, recipients = "", []
        self.say("220 sink.example.com")
        while line := self.rfile.readline():
            words = line.decode("utf-8", "replace").strip()
            verb = words[:4].upper()
            if verb in ("EHLO", "HELO"):
                self.say("250 sink.example.com")
            elif verb == "MAIL":
                sender, recipients = words[10:].split(" ")[0], []
                self.say("250 ok")
            elif verb == "RCPT":
                recipients.append(words[8:].split(" ")[0])
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                if not self.keep(sender, recipients):
                    return
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 no")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--fail", action="append", default=[])
    parser.add_argument("directory")
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), Session)
    server.directory = pathlib.Path(options.directory)
    server.directory.mkdir(parents=True, exist_ok=True)
    server.faults, server.count = options.fail, 0
    server.lock = threading.Lock()
    pathlib.Path(options.port_file).write_text(
        f"{server.server_address[1]}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
