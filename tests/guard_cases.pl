# SPDX-License-Identifier: GPL-3.0-or-later
# What tests/guard must refuse: [complaint, what it is, files laid over a sound
# tree].  BARE leaves out the licence line that every file gets otherwise.  An
# undefined complaint is a tree that must pass.
use strict;
use warnings;

my $calls = join('', map { "\tone($_);\n" } 1 .. 58);

sub header {
	my ($name, $body) = @_;
	$name = uc($name);
	$name =~ s{[/.]}{_}g;
	return "#ifndef DESKGATE_$name\n#define DESKGATE_$name\n$body#endif\n";
}

sub function {
	my ($body, $parameters) = @_;
	$parameters //= 'int n';
	return { 'lib/base/two.c' => "int\ntwo($parameters)\n{\n$body}\n" };
}

return [
	['lib/base may not include tickets', 'an include upwards',
		{ 'lib/base/two.c' => "#include \"tickets/two.h\"\n",
			'tickets/two.h' => header('tickets/two.h', '') }],
	['classifier may not include tickets', 'an include of a sibling',
		{ 'classifier/two.c' => "#include \"tickets/two.h\"\n",
			'tickets/two.h' => header('tickets/two.h', '') }],
	['lib/store may not include lib/mail', 'an include of a lower sibling',
		{ 'lib/store/two.c' => "#include \"lib/mail/two.h\"\n",
			'lib/mail/two.h' => header('lib/mail/two.h', '') }],
	['tools/console may not include tools', 'a page that includes the mains',
		{ 'tools/console/two.c' => "#include \"tools/two.h\"\n",
			'tools/two.h' => header('tools/two.h', '') }],
	['milter may not include tests', 'an include of the tests',
		{ 'milter/two.c' => "#include \"tests/two.h\"\n",
			'tests/two.h' => header('tests/two.h', '') }],
	['stands in no room', 'code outside the rooms',
		{ 'extra/two.c' => "int two(void);\n" }],
	['not written from the top', 'an include from beside',
		{ 'lib/base/two.c' => "#include \"one.h\"\n" }],
	['not written from the top', 'an include from above',
		{ 'lib/store/two.c' => "#include \"../base/one.h\"\n" }],
	['is ours', 'a header of ours in angles',
		{ 'tickets/two.c' => "#include <lib/base/one.h>\n" }],
	['private to lib/base', 'another room\'s private header',
		{ 'tickets/two.c' => "#include \"lib/base/one_private.h\"\n",
			'lib/base/one_private.h' =>
			    header('lib/base/one_private.h', '') }],
	['files: lib/base/one.h lib/base/two.h', 'a cycle of files',
		{ 'lib/base/one.h' => header('lib/base/one.h',
			    "#include \"lib/base/two.h\"\n"),
			'lib/base/two.h' => header('lib/base/two.h',
			    "#include \"lib/base/one.h\"\n") }],
	['folders: classifier tickets', 'a cycle of folders',
		{ 'classifier/a.h' => header('classifier/a.h', ''),
			'classifier/b.c' => "#include \"tickets/b.h\"\n",
			'tickets/b.h' => header('tickets/b.h', ''),
			'tickets/a.c' => "#include \"classifier/a.h\"\n" }],
	['libcurl is included by', 'a library in a third file',
		{ map { ("tickets/$_.c" => "#include <curl/curl.h>\n") }
			1 .. 3 }],
	['LMDB is included by', 'LMDB in a third file',
		{ map { ("lib/store/$_.c" => "#include <lmdb.h>\n") } 1 .. 3 }],
	['SQLite belongs to tickets', 'a library in another room',
		{ 'milter/three.c' => "#include <sqlite3.h>\n" }],
	['no library known', 'a library nobody agreed on',
		{ 'tickets/three.c' => "#include <openssl/evp.h>\n" }],
	['static int counter', 'a counter at file scope',
		{ 'milter/two.c' => "static int counter;\n" }],
	['const char \*name', 'a pointer that can be changed',
		{ 'milter/two.c' => "const char *name = \"x\";\n" }],
	['table\[\]', 'a table that can be changed',
		{ 'milter/two.c' => "static struct t table[] = {\n"
			    . "\t{ 1, { 2 } },\n};\n" }],
	['\(\*hook\)\(void\)', 'a hook', { 'milter/two.c' => "void (*hook)(void);\n" }],
	['bool begun', 'a second variable in port_milter.c',
		{ 'milter/port_milter.c' => "static struct port *port;\n"
			    . "static bool begun;\n" }],
	['one\.o: calls', 'a symbol that a function hides',
		{ 'lib/base/one.c' => "int one(int n);\nint\none(int n)\n{\n"
			    . "\tstatic int calls;\n\treturn calls += n;\n}\n" }],
	[undef, 'what only looks like a variable', {
		'milter/port_milter.c' => "static struct port *port;\n",
		'milter/two.c' => "typedef int count;\nextern int other;\n"
		    . "struct two {\n\tint a;\n};\nenum { A, B };\n"
		    . "static const struct two twos[] = { { 1 }, { 2 } };\n"
		    . "static const char *const names[] = { \"a;\", \"{\" };\n"
		    . "static void (*const hooks[])(void) = { NULL };\n"
		    . "void two(void (*hook)(void)) __attribute__((cold));\n"
		    . "G_STATIC_ASSERT(A == 0);\n"
		    . "/* int none; */\n#define NONE int none\n" }],
	['two\.c: 501 lines', 'a file too long',
		{ 'lib/base/two.c' => "\n" x 500 }],
	['function 61', 'a function too long', function($calls)],
	['parameters 7', 'too many parameters',
		function('', 'int a, int b, int c, int d, int (*e)(int, int), '
		    . 'int f, int g')],
	['depth 5', 'braces too deep',
		function("\tif (n) {\n" x 5 . "\t}\n" x 5)],
	['branches 26', 'too many branches', function("\tn = n ? n : 1;\n" x 25)],
	['two has no comment', 'a prototype without a comment',
		{ 'lib/base/two.h' => header('lib/base/two.h',
			"/* One. */\nint\none(int n);\nint two(int n);\n") }],
	['wants #ifndef DESKGATE_LIB_BASE_TWO_H', 'a header without its guard',
		{ 'lib/base/two.h' => "int x;\n" }],
	['orphan.c is in no room.am', 'code that is not built',
		{ 'lib/base/orphan.c' => "int two(void);\n" }],
	['two.c: no SPDX', 'code without a licence line',
		{ 'lib/base/two.c' => "BARE\nint two(void);\n" }],
	['contrib/two: no SPDX', 'a script without a licence line',
		{ 'contrib/two' => "BARE\n#!/bin/sh\n" }],
	['path of one machine', 'a path of one machine',
		{ 'contrib/two.sh' => '# see /wo' . "rk/tree\n" }],
	['left undone', 'a mark', { 'lib/base/two.c' => '/* TO' . "DO */\n" }],
	['number that means nothing', 'a number of some tracker',
		{ 'lib/base/two.c' => '/* issue' . " 12 */\n" }],
	['may be a person', 'an address of a mail provider',
		{ 'tests/two.sh' => '# joe@gm' . "ail.com\n" }],
];
