-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the scripts of milter.bats share.  `socket` comes by miltertest -D.

function connect(address)
	local conn = mt.connect(socket, 50, 0.1)
	assert(conn ~= nil, "nobody listens at " .. socket)
	assert(mt.conninfo(conn, "client.example.org", address or "192.0.2.7") == nil)
	if answer(conn) == "c" then
		assert(mt.helo(conn, "client.example.org") == nil)
	end
	return conn
end

-- The last answer as libmilter's letter: c continue, a accept, t and r, y a reply of ours.
function answer(conn)
	return string.char(mt.getreply(conn))
end

function want(conn, letter, step)
	assert(answer(conn) == letter, (step or "?") .. ": " .. answer(conn) ..
	    " instead of " .. letter)
end

-- Sends a message as far as its end, or to where it is answered otherwise.  m.to: list of
-- recipients; m.headers: list of {name, value}; m.body; m.id: its Message-ID.  (The blank behind
-- a colon is miltertest's.)
function message(conn, m)
	mt.macro(conn, SMFIC_MAIL, "i", m.queue_id or "4QUEUE")
	assert(mt.mailfrom(conn, m.from or "<anna@example.org>") == nil)
	if answer(conn) ~= "c" then return answer(conn) end
	for _, to in ipairs(m.to or {"<support@example.com>"}) do
		assert(mt.rcptto(conn, to) == nil)
		if answer(conn) ~= "c" then return answer(conn) end
	end
	assert(mt.header(conn, "From", "Anna <anna@example.org>") == nil)
	assert(mt.header(conn, "Subject", "A secret subject") == nil)
	assert(mt.header(conn, "Date", "Mon, 2 Nov 2026 10:00:00 +0000") == nil)
	if m.id then
		assert(mt.header(conn, "Message-ID", "<" .. m.id .. "@client.example.org>") == nil)
	end
	for _, h in ipairs(m.headers or {}) do
		assert(mt.header(conn, h[1], h[2]) == nil)
	end
	assert(mt.eoh(conn) == nil)
	if answer(conn) ~= "c" then return answer(conn) end
	if m.big then
		assert(mt.bodyrandom(conn, m.big) == nil)
	else
		assert(mt.bodystring(conn, m.body or "Where is my parcel?\r\n") == nil)
	end
	assert(mt.eom(conn) == nil)
	return answer(conn)
end
