/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: noop_milter SOCKET
 *
 * The limit that a milter is measured against: it takes the headers and the
 * body, as any filter must, and does nothing with them.
 */
#include <libmilter/mfapi.h>
#include <stdio.h>

static sfsistat
on_header(SMFICTX *context, char *name, char *value)
{
	(void)context;
	(void)name;
	(void)value;
	return SMFIS_NOREPLY;
}

static sfsistat
on_end_of_header(SMFICTX *context)
{
	(void)context;
	return SMFIS_NOREPLY;
}

static sfsistat
on_body(SMFICTX *context, unsigned char *data, size_t length)
{
	(void)context;
	(void)data;
	(void)length;
	return SMFIS_NOREPLY;
}

static sfsistat
on_end(SMFICTX *context)
{
	(void)context;
	return SMFIS_ACCEPT;
}

static sfsistat
on_negotiate(SMFICTX *context, unsigned long actions, unsigned long steps,
    unsigned long f2, unsigned long f3, unsigned long *actions_r,
    unsigned long *steps_r, unsigned long *f2_r, unsigned long *f3_r)
{
	(void)context;
	(void)actions;
	(void)f2;
	(void)f3;
	*actions_r = 0;
	*steps_r = steps & (SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY);
	*f2_r = *f3_r = 0;
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	char name[] = "noop";
	struct smfiDesc milter = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_of_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_negotiate = on_negotiate,
	};

	if (argc != 2) {
		fprintf(stderr, "usage: noop_milter SOCKET\n");
		return 64;
	}
	if (smfi_register(milter) != MI_SUCCESS ||
	    smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_opensocket(1) != MI_SUCCESS)
		return 70;
	return smfi_main() == MI_SUCCESS ? 0 : 70;
}
