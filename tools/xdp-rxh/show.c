// SPDX-License-Identifier: GPL-2.0
/* Chains as people, graphviz, programs and "import" read them. */
#include <net/if.h>

#include "xdp-rxh.h"

bool json;
static bool begun;

const char *code_name(unsigned int code)
{
	static const char * const names[EDGES] = {
		"aborted", "drop", "pass", "tx", "redirect", "any",
	};

	return code < EDGES ? names[code] : NULL;
}

/* The words for switches, NULL for one that does not exist */
const char *hand_up_name(unsigned int hand_up)
{
	static const char * const names[] = { "off", "on", "program" };

	return hand_up <= XDP_RXH_HAND_UP_MAX ? names[hand_up] : NULL;
}

const char *handler_name(unsigned int handler)
{
	static const char * const names[] = { "any", "none", "module", "program" };

	return handler <= XDP_RXH_HANDLER_MAX ? names[handler] : NULL;
}

const char *hint_name(unsigned int bit)
{
	static const char * const names[] = { "rx", "hash", "time" };

	return XDP_RXH_HINTS_ALL >> bit ? names[bit] : NULL;
}

/* "rx,hash" */
static const char *hints_name(__u32 hints)
{
	static char text[32];
	unsigned int bit;
	int len = 0;

	for (bit = 0; hint_name(bit); bit++)
		if (hints & 1U << bit)
			len += snprintf(text + len, sizeof(text) - len, "%s%s",
					len ? "," : "", hint_name(bit));
	return text;
}

static const char *name_of(__u32 ifindex)
{
	static char name[IF_NAMESIZE];

	if (!if_indextoname(ifindex, name))
		snprintf(name, sizeof(name), "if%u", ifindex);
	return name;
}

/* For thousands of devices, without asking for each */
static const char *chain_name(const struct chain *chain)
{
	return chain->status.name ?: name_of(chain->ifindex);
}

/* What is in front of the next element: an array begins with its first one, as the kernel may refuse */
const char *show_next(void)
{
	const char *next = begun ? "," : "[";

	begun = true;
	return next;
}

void show_end(void)
{
	if (json)
		puts(begun ? "]" : "[]");
}

static void print_json(const struct chain *chain)
{
	const struct node *node;
	unsigned int i, j;
	bool comma;

	printf("%s{\"ifname\":%s,\"ifindex\":%u,\"generation\":%llu",
	       show_next(), quoted(chain_name(chain)), chain->ifindex,
	       chain->generation);
	if (chain->lower)
		printf(",\"lower\":%s", quoted(name_of(chain->lower)));
	if (chain->hand_up)
		printf(",\"hand_up\":\"%s\"", hand_up_name(chain->hand_up - 1) ?: "?");
	if (chain->handler)
		printf(",\"handler\":\"%s\"", handler_name(chain->handler - 1) ?: "?");
	if (chain->hints)
		printf(",\"hints\":\"%s\",\"meta_type\":%u", hints_name(chain->hints),
		       chain->meta_type);
	if (chain->status.name)
		status_json(&chain->status);
	printf(",\"nodes\":[");
	for (i = 0; i < chain->nr; i++) {
		node = &chain->nodes[i];
		printf("%s{\"id\":%u,", i ? "," : "", node->id);
		if (node->prog_id)
			printf("\"prog\":{\"id\":%u,\"name\":%s},",
			       node->prog_id, quoted(node->name));
		printf("\"edges\":[");
		for (j = 0, comma = false; j < EDGES; j++) {
			if (!node->next[j])
				continue;
			printf("%s{\"code\":\"%s\",\"to\":", comma ? "," : "",
			       code_name(j));
			if (node->next[j] == XDP_RXH_NODE_STOP)
				printf("\"stop\"}");
			else
				printf("%u}", node->next[j]);
			comma = true;
		}
		printf("]}");
	}
	printf("]}");
}

static void print_tree(const struct chain *chain, __u32 id, int depth,
		       bool *shown)
{
	const struct node *node = NULL;
	unsigned int i;

	for (i = 0; i < chain->nr && !node; i++)
		if (chain->nodes[i].id == id)
			node = &chain->nodes[i];
	if (!node) {
		puts("stop");
		return;
	}
	i = node - chain->nodes;
	if (node->prog_id)
		printf("node %u prog %u %s%s\n", id, node->prog_id, plain(node->name),
		       shown[i] ? " (see above)" : "");
	else
		printf("node %u none\n", id);
	if (shown[i])
		return;
	shown[i] = true;
	for (i = 0; i < EDGES; i++) {
		if (!node->next[i])
			continue;
		printf("%*s%s -> ", depth * 4, "", code_name(i));
		print_tree(chain, node->next[i], depth + 1, shown);
	}
}

void show_chain(const struct chain *chain)
{
	bool shown[XDP_RXH_CHAIN_NODES] = {};

	if (json) {
		print_json(chain);
		return;
	}
	printf("%s: generation %llu\n", plain(name_of(chain->ifindex)), chain->generation);
	if (!chain->nr)
		return;
	printf("    ");
	print_tree(chain, XDP_RXH_NODE_ENTRY, 2, shown);
}

void show_dot(const struct chain *chain)
{
	const struct node *node;
	unsigned int i, j;

	printf("digraph %s {\n\tstop [shape=point];\n", quoted(name_of(chain->ifindex)));
	for (i = 0; i < chain->nr; i++) {
		node = &chain->nodes[i];
		if (node->prog_id)
			printf("\tn%u [label=\"%u: %s (%u)\"];\n", node->id,
			       node->id, plain(node->name), node->prog_id);
		else
			printf("\tn%u [label=\"%u\"];\n", node->id, node->id);
		for (j = 0; j < EDGES; j++) {
			if (!node->next[j])
				continue;
			if (node->next[j] == XDP_RXH_NODE_STOP)
				printf("\tn%u -> stop", node->id);
			else
				printf("\tn%u -> n%u", node->id, node->next[j]);
			printf(" [label=\"%s\"];\n", code_name(j));
		}
	}
	puts("}");
}

void show_export(const struct chain *chain)
{
	const struct node *node;
	unsigned int i, j;

	printf("# %s, generation %llu\n", plain(name_of(chain->ifindex)), chain->generation);
	for (i = 0; i < chain->nr; i++) {
		node = &chain->nodes[i];
		if (node->id != XDP_RXH_NODE_ENTRY)
			printf("node %u id %u\n", node->id, node->prog_id);
	}
	for (i = 0; i < chain->nr; i++) {
		node = &chain->nodes[i];
		for (j = 0; j < EDGES; j++) {
			if (!node->next[j])
				continue;
			printf("edge %u %s ", node->id, code_name(j));
			if (node->next[j] == XDP_RXH_NODE_STOP)
				puts("stop");
			else
				printf("%u\n", node->next[j]);
		}
	}
}

void show_status(const struct chain *chain)
{
	if (json) {
		print_json(chain);
		return;
	}
	fputs(plain(chain_name(chain)), stdout);
	if (chain->lower)
		printf(" on %s", plain(name_of(chain->lower)));
	if (chain->nr && chain->nodes[0].prog_id)
		printf(": prog %u %s", chain->nodes[0].prog_id,
		       plain(chain->nodes[0].name));
	else
		printf(": no native program");
	if (chain->nr)
		printf(", %u in its chain", chain->nr - 1);
	if (chain->hand_up && chain->hand_up - 1 != XDP_RXH_HAND_UP_ON)
		printf(", hand-up %s", hand_up_name(chain->hand_up - 1) ?: "?");
	if (chain->handler && chain->handler - 1 != XDP_RXH_HANDLER_ANY)
		printf(", handler %s", handler_name(chain->handler - 1) ?: "?");
	if (chain->hints)
		printf(", hints %s (type %u)", hints_name(chain->hints), chain->meta_type);
	putchar('\n');
	status_text(&chain->status);
}
