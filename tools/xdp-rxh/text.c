// SPDX-License-Identifier: GPL-2.0
/*
 * Names of devices as people's terminals and readers of JSON take them: they may
 * have any character but a few, and a container's root chooses its own.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "xdp-rxh.h"

/* @text is valid until seven more have been made: as many as one printf() takes */
static const char *keep(char *text)
{
	static char *kept[8];
	static unsigned int i;

	i = (i + 1) % (sizeof(kept) / sizeof(*kept));
	free(kept[i]);
	kept[i] = text;
	return text;
}

/* Without what a terminal would obey: control characters, UTF-8's (U+0080 to U+009F), too */
const char *plain(const char *text)
{
	unsigned char *at;
	char *all;

	all = strdup(text);
	if (!all)
		err(1, "memory");
	for (at = (unsigned char *)all; *at; at++) {
		if (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
			*at++ = '?';
		else if (*at >= ' ' && *at != 0x7f)
			continue;
		*at = '?';
	}
	return keep(all);
}

/* As a string of JSON, or of graphviz, with its quotes */
const char *quoted(const char *text)
{
	char *all, *at;

	/* \u001b for a byte, at most */
	all = at = malloc(strlen(text) * 6 + 3);
	if (!all)
		err(1, "memory");
	*at++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*at++ = '\\';
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			at += sprintf(at, "\\u%04x", *text);
		else
			*at++ = *text;
	}
	strcpy(at, "\"");
	return keep(all);
}
