// SPDX-License-Identifier: GPL-2.0
/* xdp-rxh: chains of XDP programs on devices of xdp_rx_handler.ko. */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "xdp-rxh.h"

static int argc;
static char **argv;

static void __attribute__((noreturn)) usage(void)
{
	fputs("Usage: xdp-rxh [-j] COMMAND\n"
	      "  status [dev IF]\n"
	      "  monitor [dev IF | port IF] [native] [busy] [losing] [sort KEY] [interval SECONDS] [count N]\n"
	      "  stats [dev IF]\n"
	      "  set dev IF [hand-up on|off|program] [handler any|none|module|program]\n"
	      "         [hints HINTS]\n"
	      "  trace [dev IF] [count N] [PCAP-FILTER]\n"
	      "  chain show [dev IF] [--dot]\n"
	      "  chain add dev IF from NODE on CODE to NODE|stop|PROG [force] [expect GENERATION]\n"
	      "  chain del dev IF from NODE on CODE [expect GENERATION]\n"
	      "  chain del dev IF node NODE [close-up|stop] [expect GENERATION]\n"
	      "  chain replace dev IF node NODE PROG [expect GENERATION]\n"
	      "  chain export dev IF\n"
	      "  chain import dev IF FILE|- [expect GENERATION]\n"
	      "CODE := aborted|drop|pass|tx|redirect|any\n"
	      "PROG := id ID | pinned PATH | obj FILE [prog NAME]\n"
	      "HINTS := off | rx[,hash][,time]\n"
	      "KEY := packets|bytes|drop|pass|tx|redirect|aborted|skb|ring|lost|name\n", stderr);
	exit(1);
}

static char *next(void)
{
	if (!argc)
		usage();
	argc--;
	return *argv++;
}

/* the next word, if it is this one */
static bool is(const char *word)
{
	if (!argc || strcmp(*argv, word))
		return false;
	next();
	return true;
}

static unsigned long long number(const char *word)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(word, &end, 0);
	if (errno || end == word || *end)
		errx(1, "%s: not a number", word);
	return value;
}

static __u32 node_id(const char *word)
{
	unsigned long long id;

	if (!strcmp(word, "stop"))
		return XDP_RXH_NODE_STOP;
	id = number(word);
	if (!id || id >= XDP_RXH_NODE_STOP)
		errx(1, "%s: not a node", word);
	return id;
}

static unsigned int code(const char *word)
{
	unsigned int i;

	for (i = 0; i < EDGES; i++)
		if (!strcmp(word, code_name(i)))
			return i;
	errx(1, "%s: not a return code", word);
}

static int load(const char *file)
{
	struct bpf_program *prog, *wanted;
	struct bpf_object *obj;

	obj = bpf_object__open(file);
	if (!obj)
		err(1, "%s", file);
	wanted = is("prog") ? bpf_object__find_program_by_name(obj, next()) :
			      bpf_object__next_program(obj, NULL);
	if (!wanted)
		errx(1, "%s: no such program", file);
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, prog == wanted);
	if (bpf_object__load(obj))
		err(1, "%s", file);
	return bpf_program__fd(wanted);
}

/* PROG, or -1 if the next words are none */
static int program(void)
{
	const char *what = NULL;
	int fd = -1;

	if (is("id")) {
		what = next();
		fd = bpf_prog_get_fd_by_id(number(what));
	} else if (is("pinned")) {
		what = next();
		fd = bpf_obj_get(what);
	} else if (is("obj")) {
		return load(next());
	}
	if (what && fd < 0)
		err(1, "%s", what);
	return fd;
}

static __u32 device(void)
{
	const char *name;
	__u32 ifindex;

	if (!is("dev"))
		usage();
	name = next();
	ifindex = if_nametoindex(name);
	if (!ifindex)
		err(1, "%s", name);
	return ifindex;
}

static void expect(struct request *request)
{
	if (is("expect")) {
		request->has_generation = true;
		request->generation = number(next());
	}
	if (argc)
		usage();
	netlink_request(request);
}

static void from_on(struct request *request)
{
	if (!is("from"))
		usage();
	request->from = node_id(next());
	if (!is("on"))
		usage();
	request->code = code(next()) + 1;
}

static void add(struct request *request)
{
	request->cmd = XDP_RXH_CMD_EDGE_ADD;
	from_on(request);
	if (!is("to"))
		usage();
	request->fd = program();
	if (request->fd < 0)
		request->to = node_id(next());
	request->replace = is("force");
	expect(request);
}

static void del(struct request *request)
{
	if (is("node")) {
		request->cmd = XDP_RXH_CMD_NODE_DEL;
		request->from = node_id(next());
		request->close_up = !is("stop");
		is("close-up");
	} else {
		request->cmd = XDP_RXH_CMD_EDGE_DEL;
		from_on(request);
	}
	expect(request);
}

static void replace(struct request *request)
{
	request->cmd = XDP_RXH_CMD_NODE_REPLACE;
	if (!is("node"))
		usage();
	request->from = node_id(next());
	request->fd = program();
	if (request->fd < 0)
		usage();
	expect(request);
}

static struct node *import_node(struct chain *chain, __u32 id, bool make)
{
	struct node *node;
	unsigned int i;

	for (i = 0; i < chain->nr; i++)
		if (chain->nodes[i].id == id)
			return &chain->nodes[i];
	if (!make)
		errx(1, "node %u has no program", id);
	if (chain->nr == XDP_RXH_CHAIN_NODES)
		errx(1, "more than %u nodes", XDP_RXH_CHAIN_NODES);
	node = &chain->nodes[chain->nr++];
	node->id = id;
	node->fd = -1;
	return node;
}

/* "node ID PROG" or "edge ID CODE ID|stop" */
static void import_line(struct chain *chain, char *line)
{
	char *words[8], **saved_argv = argv, *word;
	int saved_argc = argc;
	struct node *node;

	argv = words;
	argc = 0;
	line[strcspn(line, "#\n")] = 0;
	for (word = strtok(line, " \t"); word && argc < 8; word = strtok(NULL, " \t"))
		words[argc++] = word;
	if (is("node")) {
		node = import_node(chain, node_id(next()), true);
		node->fd = program();
	} else if (is("edge")) {
		node = import_node(chain, node_id(next()), false);
		word = next();
		node->next[code(word)] = node_id(next());
	}
	if (argc)
		errx(1, "%s: not expected", *argv);
	argc = saved_argc;
	argv = saved_argv;
}

static void import(struct request *request)
{
	struct chain *chain = calloc(1, sizeof(*chain));
	const char *name = next();
	char line[4096];
	FILE *file = strcmp(name, "-") ? fopen(name, "r") : stdin;

	if (!file || !chain)
		err(1, "%s", name);
	import_node(chain, XDP_RXH_NODE_ENTRY, true);
	while (fgets(line, sizeof(line), file))
		import_line(chain, line);
	request->cmd = XDP_RXH_CMD_CHAIN_SET;
	request->chain = chain;
	expect(request);
}

static void show(__u8 cmd, __u32 ifindex, void (*how)(const struct chain *chain))
{
	if (argc)
		usage();
	netlink_get(cmd, ifindex, how);
	show_end();
}

static void export(const struct request *request)
{
	json = false;
	show(XDP_RXH_CMD_CHAIN_GET, request->ifindex, show_export);
}

/* The number + 1 of the next word */
static unsigned int choice(const char *(*name)(unsigned int i))
{
	const char *word = next();
	unsigned int i;

	for (i = 0; name(i); i++)
		if (!strcmp(word, name(i)))
			return i + 1;
	usage();
}

/* XDP_RXH_HINTS_* + 1 */
static unsigned int hints(void)
{
	unsigned int set = 0, bit;
	char *words, *word;

	if (is("off"))
		return 1;
	words = strdup(next());
	if (!words)
		err(1, "hints");
	for (word = strtok(words, ","); word; word = strtok(NULL, ",")) {
		for (bit = 0; hint_name(bit); bit++)
			if (!strcmp(word, hint_name(bit)))
				break;
		if (!hint_name(bit))
			errx(1, "%s: not a hint; there are rx, hash and time, and off for none", word);
		set |= 1U << bit;
	}
	if (!set)
		usage();
	free(words);
	return (set | XDP_RXH_HINTS_RX) + 1;
}

static void set(void)
{
	struct request request = { .cmd = XDP_RXH_CMD_SWITCH_SET, .fd = -1 };

	request.ifindex = device();
	do {
		if (is("hand-up"))
			request.hand_up = choice(hand_up_name);
		else if (is("handler"))
			request.handler = choice(handler_name);
		else if (is("hints"))
			request.hints = hints();
		else
			usage();
	} while (argc);
	netlink_request(&request);
}

static double seconds(const char *word)
{
	double value;
	char *end;

	value = strtod(word, &end);
	if (end == word || *end || !(value >= 0.01 && value <= 86400))
		errx(1, "%s: not a number of seconds from 0.01 on", word);
	return value;
}

static const char *port(void)
{
	const char *name = next();

	if (!if_nametoindex(name))
		err(1, "%s", name);
	return name;
}

static void monitor_command(void)
{
	struct monitor what = {};

	while (argc) {
		if (!strcmp(*argv, "dev"))
			what.ifindex = device();
		else if (is("port"))
			what.port = port();
		else if (is("sort"))
			what.sort = choice(sort_name) - 1;
		else if (is("interval"))
			what.interval = seconds(next());
		else if (is("count"))
			what.count = number(next());
		else if (is("native"))
			what.native = true;
		else if (is("busy"))
			what.busy = true;
		else if (is("losing"))
			what.losing = true;
		else
			usage();
	}
	monitor(&what);
}

static void stats_command(void)
{
	if (argc)
		show(XDP_RXH_CMD_CHAIN_GET, device(), show_stats);
	else
		show(XDP_RXH_CMD_CHAIN_GET, 0, show_stats_of_all);
}

static void chain_command(void)
{
	struct request request = { .fd = -1 };
	const char *command = argc ? next() : "show";
	__u32 ifindex = 0;
	bool dot;

	if (!strcmp(command, "show")) {
		if (argc && !strcmp(*argv, "dev"))
			ifindex = device();
		dot = is("--dot");
		json = json && !dot;
		show(XDP_RXH_CMD_CHAIN_GET, ifindex, dot ? show_dot : show_chain);
		return;
	}
	request.ifindex = device();
	if (!strcmp(command, "add"))
		add(&request);
	else if (!strcmp(command, "del"))
		del(&request);
	else if (!strcmp(command, "replace"))
		replace(&request);
	else if (!strcmp(command, "import"))
		import(&request);
	else if (!strcmp(command, "export"))
		export(&request);
	else
		usage();
}

/* What is left of the words is one of pcap's expressions. */
static void trace_command(void)
{
	struct trace_options trace_options = { .expression = "" };
	char *all;
	size_t len;

	for (;;) {
		if (argc && !strcmp(*argv, "dev"))
			trace_options.ifindex = device();
		else if (is("count"))
			trace_options.count = number(next());
		else
			break;
	}
	if (argc) {
		FILE *text = open_memstream(&all, &len);

		if (!text)
			err(1, "trace");
		while (argc)
			fprintf(text, "%s ", next());
		fclose(text);
		all[len - 1] = 0;
		trace_options.expression = all;
	}
	trace(&trace_options);
}

int main(int count, char **words)
{
	argc = count - 1;
	argv = words + 1;
	json = is("-j");
	if (is("status"))
		show(XDP_RXH_CMD_STATUS_GET, argc ? device() : 0, show_status);
	else if (is("monitor"))
		monitor_command();
	else if (is("stats"))
		stats_command();
	else if (is("set"))
		set();
	else if (is("trace"))
		trace_command();
	else if (is("chain"))
		chain_command();
	else
		usage();
	return 0;
}
