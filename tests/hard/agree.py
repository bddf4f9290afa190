#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: tests/hard/agree.py SET FIELDS [-v]
#
# Compares what Deskgate makes of the mail of other projects' tests with what those projects
# expect, set by set.  SET is the folder of the sets, FIELDS the program tests/hard/fields.
# Prints "NAME: agree N of M"; each disagreement has to stand in tests/hard/disagreements with the
# reason why ours is right, and what stands there has to disagree: else exit 1.  -v shows both sides.
import email.utils, hashlib, html, json, os, re, subprocess, sys, tempfile
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
SET, FIELDS = sys.argv[1:3]
VERBOSE = "-v" in sys.argv[3:]


def run(what, paths):
    out = subprocess.run([FIELDS, what] + paths, stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def as_html(texts):
    """What lib/mail reads of HTML, so that two texts of one page are compared, not two tastes."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, str(i)) for i in range(len(texts))]
        for path, text in zip(paths, texts):
            with open(path, "w", encoding="utf-8") as f:
                # It takes remote images out, with the words they have instead.
                f.write(re.sub(r"<img\b[^>]*>", " ", text, flags=re.I))
        return [one["text"] for one in run("html", paths)]


def lines(text):
    """Without blanks at line ends, runs of empty lines and those around."""
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def words(text):
    """Letters and digits; targets of links, which others rewrite, aside."""
    return re.findall(r"\w+", re.sub(r"<(?:http|ftp)[^<>]*>", " ", text))


def line(text):
    """One line: ours always is."""
    return " ".join(text.split())


def read(*path):
    with open(os.path.join(SET, *path), encoding="utf-8") as f:
        return f.read()


def names(*path):
    return sorted(os.listdir(os.path.join(SET, *path)))


# --- the sets: each gives NAME, ours, theirs ---

def email_reply_trimmer():
    base = ("email_reply_trimmer", "test")
    files = names(*base, "emails")
    for name, ours in zip(files, run("text", [os.path.join(SET, *base, "emails", n) for n in files])):
        yield name, lines(ours["text"]), lines(read(*base, "trimmed", name))


class Loader(yaml.SafeLoader):
    """Plain values, whatever Ruby calls them."""


def plain(loader, _tag, node):
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


Loader.add_multi_constructor("!", plain)
Loader.add_multi_constructor("tag:yaml.org,2002:python", plain)


# What each says where there is nothing of the sender's to read.
NOTHING = {
    "(no text)",
    "no visible content",
    "[This message is encrypted. It was not decrypted: open the attached original in a mail "
    "program that has the key.]",
}


def body(text, page):
    """Words of a body.  A page's title stands in its head, and no mail program shows it with the
    body; theirs has it in front of that."""
    text = "" if text.strip() in NOTHING else text
    title = re.search(r"<title\b[^>]*>(.*?)</title>", page or "", re.S | re.I)
    found, head = words(text), words(html.unescape(title[1])) if title else []
    return found[len(head):] if head and found[:len(head)] == head else found


def address(text):
    """An address, or nothing: for a From that has none, theirs keeps the field and we have
    unknown@invalid, and to neither can mail be sent."""
    fit = re.fullmatch(r"[^\s<>,;:\"]+@[^\s<>,;:\"@]+", text)
    return text if fit and not text.endswith("@invalid") else ""


def addresses(text):
    """Those of a field, as theirs keeps it: decoded, in one text."""
    return sorted(a for _name, a in email.utils.getaddresses([text]) if "@" in a)


def numbered(names):
    """The second file of a name is "a (2).txt" here and "a1.txt" there."""
    return sorted(re.sub(r" \((\d+)\)(\.\w+)$", lambda m: str(int(m[1]) - 1) + m[2], name)
                  for name in names)


def zammad():
    base = ("zammad", "test", "data", "mail")
    files = [n[:-4] for n in names(*base) if n.endswith(".yml")]
    theirs = [yaml.load(read(*base, n + ".yml"), Loader) for n in files]
    ours = run("message", [os.path.join(SET, *base, n + ".box") for n in files])
    # It shows the HTML where there is one, we the plain text: like is compared with like.
    pages = [t.get("content_type", "text/html") == "text/html" for t in theirs]
    their_texts = as_html([t.get("body") or "" for t in theirs])
    our_texts = as_html([o.get("html") or "" for o in ours])
    for i, name in enumerate(files):
        our, their = ours[i], theirs[i]
        yield name + " from", address(our["requester_address"]), address(their["from_email"])
        yield name + " name", line(our["requester_name"]), line(their["from_display_name"])
        yield name + " subject", our["subject"], line(their["subject"])
        if "body" in their:
            page = our.get("html") if pages[i] else None
            yield (name + " body", body(our_texts[i] if page else our["text"], page),
                   body(their_texts[i] if pages[i] else their["body"], page))
        if "attachments" in their:
            # It attaches the HTML it was made of; ours has a place of its own.
            yield (name + " files", numbered(f["name"] for f in our["files"]),
                   sorted(f["filename"] for f in their["attachments"] if f["filename"] != "message.html"))


def zammad_recipients():
    base = ("zammad", "test", "data", "mail")
    files = [n[:-4] for n in names(*base) if n.endswith(".yml")]
    ours = run("people", [os.path.join(SET, *base, n + ".box") for n in files])
    for name, our in zip(files, ours):
        their = yaml.load(read(*base, name + ".yml"), Loader)
        for field in ("to", "cc", "reply-to"):
            if field in their:
                yield name + " " + field, sorted(our[field]), addresses(their[field])


# Where a set has its mail, and how the names of its files end.
FOLDERS = {
    "discourse": ("discourse/spec/fixtures/emails", ".eml"),
    "redmine": ("redmine/test/fixtures/mail_handler", ".eml"),
    "request-tracker": ("request-tracker/t/data", ""),
}


def short(value):
    return hashlib.sha256(value.encode()).hexdigest()[:24]


def has(text, count, digest):
    """`digest` itself, if COUNT words in a row of the text have it."""
    found = words(text)
    runs = (" ".join(found[i:i + count]) for i in range(len(found) - count + 1))
    return digest if any(short(run) == digest for run in runs) else "none"


def answer_to(yes):
    return "yes" if yes else "no"


def expected(name):
    """NAME, ours and theirs as digests: what those tests say word by word is not kept here."""
    with open(os.path.join(HERE, "expected"), encoding="utf-8") as f:
        cases = [line.split() for line in f if line.startswith(name + " ")]
    folder, ending = FOLDERS[name]
    paths = [os.path.join(SET, folder, case[1] + ending) for case in cases]
    rows = zip(cases, run("message", paths), run("answer", paths), run("forward", paths))
    for (_name, file, field, digest), whole, answer, forward in rows:
        if field.startswith("has-"):
            yield file + " " + field, has(whole["text"], int(field[4:]), digest), digest
            continue
        value = {
            "from": lambda: whole["requester_address"],
            "name": lambda: whole["requester_name"],
            "subject": lambda: whole["subject"],
            "files": lambda: "\n".join(f["name"] for f in whole["files"]),
            "text": lambda: " ".join(words(whole["text"])),
            "answer": lambda: " ".join(words(answer["text"])),
            "quoted": lambda: " ".join(words(answer.get("quoted", ""))),
            "forwarded-by": lambda: forward.get("address", ""),
            "file-count": lambda: str(len(whole["files"])),
            "file-md5": lambda: "\n".join(f["md5"] for f in whole["files"][:1]),
            "encrypted": lambda: answer_to("[This message is encrypted." in whole["text"]),
            "signed": lambda: answer_to("The message is signed;" in whole["note"]),
        }[field]()
        ours = short(value)
        if ours != digest and VERBOSE:
            print("%s %s %s: %.600r" % (name, file, field, value))
        yield file + " " + field, ours, digest


def discourse():
    return expected("discourse")


def redmine():
    return expected("redmine")


def request_tracker():
    return expected("request-tracker")


# --- the sum ---

def known():
    """Reasons by "SET NAME", "NAME" being what a set yields."""
    found = {}
    with open(os.path.join(HERE, "disagreements"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                key, reason = line.rstrip("\n").split(": ", 1)
                found[key] = reason
    return found


def main():
    reasons, met, wrong = known(), set(), 0
    for cases in (email_reply_trimmer, discourse, zammad, zammad_recipients, redmine,
                  request_tracker):
        name, agree, total = cases.__name__.replace("_tracker", "-tracker"), 0, 0
        for case, ours, theirs in cases():
            key = name + " " + case
            total += 1
            if ours == theirs:
                agree += 1
                continue
            met.add(key)
            if key not in reasons:
                wrong += 1
                print("%s: disagrees, and no reason is listed" % key)
            if VERBOSE:
                print("%s\n  ours:   %.600r\n  theirs: %.600r" % (key, ours, theirs))
        print("%s: agree %d of %d" % (name, agree, total))
        wrong += total == 0
    for key in sorted(set(reasons) - met):
        wrong += 1
        print("%s: listed as a disagreement, and agrees" % key)
    sys.exit(wrong > 0)


main()
