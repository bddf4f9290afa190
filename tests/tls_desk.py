#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: tls_desk.py FOLDER: help desks behind TLS, each wrong in its way.

FOLDER has NAME.pem and NAME.key for good, self, other and old (certificates).  Writes
"KIND PORT" lines to FOLDER/ports, and to FOLDER/hits a line for each request: the kind,
the method, the path and the headers.  Kinds are below.
"""
import pathlib
import socket
import ssl
import sys
import threading
import time

folder = pathlib.Path(sys.argv[1])
TLS = ssl.TLSVersion
# Kind: certificate, lowest and highest TLS, what is answered.
KINDS = {
    "good": ("good", TLS.TLSv1_2, TLS.TLSv1_3, "echo"),
    "tls12": ("good", TLS.TLSv1_2, TLS.TLSv1_2, "echo"),
    "tls11": ("good", TLS.TLSv1, TLS.TLSv1_1, "echo"),
    "self": ("self", TLS.TLSv1_2, TLS.TLSv1_3, "echo"),
    "other": ("other", TLS.TLSv1_2, TLS.TLSv1_3, "echo"),
    "old": ("old", TLS.TLSv1_2, TLS.TLSv1_3, "echo"),
    "redirect": ("good", TLS.TLSv1_2, TLS.TLSv1_3, "redirect"),
    "endless": ("good", TLS.TLSv1_2, TLS.TLSv1_3, "endless"),
    "headers": ("good", TLS.TLSv1_2, TLS.TLSv1_3, "headers"),
    "stall": ("good", TLS.TLSv1_2, TLS.TLSv1_3, "stall"),
}
ports = {}
lock = threading.Lock()


def answer(kind, how, line, request):
    if how == "redirect":
        yield (f"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:{ports['good']}/stolen\r\n"
               "Content-Length: 0\r\n\r\n").encode()
    elif how == "endless":
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n["
        while True:
            yield b"0," * 32768
    elif how == "headers":
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"X-Field: " + b"x" * 8000 + b"\r\n"
    elif how == "stall":
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n["
        while True:
            time.sleep(1)
            yield b" "
    else:
        # An answer that says what it was asked, the key too.
        body = b'{"message": "refused: ' + request.replace(b"\r\n", b" ").replace(
            b'"', b"'") + b'"}'
        yield (f"HTTP/1.1 401 Unauthorized\r\nContent-Length: {len(body)}\r\n"
               "Content-Type: application/json\r\n\r\n").encode() + body


def talk(kind, how, plain, context):
    try:
        with context.wrap_socket(plain, server_side=True) as peer:
            request = b""
            while b"\r\n\r\n" not in request:
                part = peer.recv(65536)
                if not part:
                    return
                request += part
            with lock, open(folder / "hits", "a") as hits:
                hits.write(kind + " " + request.decode().replace("\r\n", " ") + "\n")
            for part in answer(kind, how, kind, request):
                peer.sendall(part)
    except OSError:
        pass


def serve(kind, listener, how, context):
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=talk, args=(kind, how, plain, context), daemon=True).start()


for kind, (name, lowest, highest, how) in KINDS.items():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = lowest, highest
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    listener = socket.create_server((sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1", 0))
    ports[kind] = listener.getsockname()[1]
    threading.Thread(target=serve, args=(kind, listener, how, context), daemon=True).start()
(folder / "ports.new").write_text("".join(f"{k} {p}\n" for k, p in ports.items()))
(folder / "ports.new").rename(folder / "ports")
threading.Event().wait()
