# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: cut.py PORT N [busy | deny PATH [STATUS]]
#
# A proxy to 127.0.0.1:PORT that prints its own port.  The answers to the first N
# POSTs are lost: the request reaches the server whole, and the client is hung up
# on.  With `busy` the first N PUTs are answered 429 in the server's place instead.
# With `deny` requests whose path begins with PATH are answered STATUS, 403 by default.
# Everything else goes through.
import socket
import sys
import threading

server, cuts = int(sys.argv[1]), [int(sys.argv[2])]
busy = len(sys.argv) > 3 and sys.argv[3] == "busy"
method = b"PUT" if busy else b"POST"
BUSY = b"HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
DENIED = b"HTTP/1.1 %s No\r\nContent-Length: 0\r\n\r\n" % "".join(sys.argv[5:6] or ["403"]).encode()
denied = sys.argv[4].encode() if sys.argv[3:4] == ["deny"] else None
lock = threading.Lock()


def request(client):
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += client.recv(65536)
    # One request to a connection keeps this small.
    lines = [l for l in head.split(b"\r\n") if not l.lower().startswith(b"connection:")]
    return b"\r\n".join(lines + [b"Connection: close", b"", b""]) + body


def serve(client):
    with client:
        sent = request(client)
        if not sent:
            return
        if denied and sent.split(b" ")[1].startswith(denied):
            client.sendall(DENIED)
            return
        with lock:
            cut = sent.startswith(method) and cuts[0] > 0
            cuts[0] -= cut
        if cut and busy:
            client.sendall(BUSY)
            return
        with socket.create_connection(("127.0.0.1", server)) as upstream:
            upstream.sendall(sent)
            answer = b""
            while more := upstream.recv(65536):
                answer += more
        if not cut:
            client.sendall(answer)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
