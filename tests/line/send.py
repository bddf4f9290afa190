#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends message files by SMTP to a loopback port, as they are.

usage: send.py --port N [--clients K] [--from ADDRESS] [--to ADDRESS]... [--retry S]
               [--xclient ADDRESS] [--login USER:PASSWORD] [--pause-at BYTES --pause-run COMMAND] FILE...

Prints "FILE CODE TEXT" for each, in order of completion; TEXT is the server's last word.
With --retry, a 4xx or a cut connection is tried again, as an MTA would, for S seconds.
--xclient makes the server take that for the client's address; --login logs in; --pause-run runs a command
when so many bytes of the first message's data were sent.  Exit 0 when every message was answered with 250.
"""
import argparse
import queue
import smtplib
import subprocess
import sys
import threading
import time


def send_data(args, smtp, data):
    if not args.pause_run:
        return smtp.data(data)
    code, text = smtp.docmd('DATA')
    if code != 354:
        return code, text
    data = smtplib._quote_periods(data)
    smtp.sock.sendall(data[:args.pause_at])
    time.sleep(0.3)
    subprocess.run(args.pause_run, shell=True, check=True)
    args.pause_run = None
    time.sleep(0.3)
    smtp.sock.sendall(data[args.pause_at:] + b'.\r\n')
    return smtp.getreply()


def send_one(args, path):
    with open(path, 'rb') as f:
        data = f.read().replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
    try:
        with smtplib.SMTP('127.0.0.1', args.port, 'client.example.org',
                          timeout=120) as smtp:
            smtp.ehlo()
            if args.xclient:
                smtp.docmd('XCLIENT', 'ADDR=' + args.xclient)
                smtp.ehlo()
            if args.login:
                smtp.login(*args.login.split(':', 1))
            code, text = smtp.mail(args.sender, ['BODY=8BITMIME'])
            for to in args.to if code == 250 else []:
                code, text = smtp.docmd('RCPT', 'TO:<%s>' % to)  # as spelt
                if code >= 400:
                    break
            if code == 250:
                code, text = send_data(args, smtp, data)
            return code, text.decode('utf-8', 'replace').replace('\n', ' ')
    except smtplib.SMTPResponseException as e:
        return e.smtp_code, str(e.smtp_error)
    except (OSError, smtplib.SMTPException) as e:
        return 421, 'connection: %s' % e


def worker(args, todo, results):
    while True:
        try:
            path = todo.get_nowait()
        except queue.Empty:
            return
        end = time.monotonic() + args.retry
        while True:
            code, text = send_one(args, path)
            if not (400 <= code < 500) or time.monotonic() > end:
                break
            time.sleep(0.3)
        results.append(code)
        print(path, code, text, flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--port', type=int, required=True)
    p.add_argument('--clients', type=int, default=1)
    p.add_argument('--retry', type=float, default=0)
    p.add_argument('--from', dest='sender', default='customer@example.org')
    p.add_argument('--to', action='append')
    p.add_argument('--login')
    p.add_argument('--xclient')
    p.add_argument('--pause-at', type=int, default=0)
    p.add_argument('--pause-run')
    p.add_argument('files', nargs='+')
    args = p.parse_args()
    args.to = args.to or ['support@example.com']
    todo, results = queue.Queue(), []
    for path in args.files:
        todo.put(path)
    threads = [threading.Thread(target=worker, args=(args, todo, results))
               for _ in range(args.clients)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return 0 if all(c == 250 for c in results) else 1


if __name__ == '__main__':
    sys.exit(main())
