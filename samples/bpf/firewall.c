// SPDX-License-Identifier: GPL-2.0
/*
 * firewall [-a WHAT] [-d WHAT] [-f FILE] IF...: lets in what the rules of a tenant allow.
 *
 *	build/samples/firewall -d 0.0.0.0/0 -a 10.1.0.0/16 -d tcp -a tcp/22 mv0
 *
 * A file has one "allow WHAT" or "deny WHAT" a line; "#" begins a comment.
 */
#include "loader.h"

#include <arpa/inet.h>

#include "firewall.h"
#include "firewall.skel.h"

#define SEPARATORS	" \t\r\n"

static const char *const names[] = { "source", "port", "not-ip", "broken" };
static struct { struct cidr cidr; __u32 verdict; } sources[MAX_RULES];
static struct { struct port port; __u32 verdict; } ports[MAX_RULES];
static int nr_sources, nr_ports;

static bool parse_port(char *what, struct port *port)
{
	static const struct { const char *name; __u32 proto; } protos[] = {
		{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "icmp", IPPROTO_ICMP }, { "icmp6", IPPROTO_ICMPV6 },
	};
	char *number = strchr(what, '/');
	size_t length = number ? (size_t)(number - what) : strlen(what), i;

	for (i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (strlen(protos[i].name) != length || strncmp(protos[i].name, what, length))
			continue;
		*port = (struct port){ .proto = protos[i].proto };
		if (number)
			port->port = loader_number("a port", number + 1, 1, 65535);
		return !number || i < 2;
	}
	return false;
}

static bool parse_cidr(char *what, struct cidr *cidr)
{
	char address[INET6_ADDRSTRLEN], *length = strchr(what, '/');
	int family = strchr(what, ':') ? AF_INET6 : AF_INET, bits = family == AF_INET ? 32 : 128;

	*cidr = (struct cidr){ .family = family == AF_INET ? 4 : 6 };
	if (snprintf(address, sizeof(address), "%.*s", length ? (int)(length - what) : (int)strlen(what), what) >=
	    (int)sizeof(address) || inet_pton(family, address, cidr->addr) != 1)
		return false;
	cidr->prefixlen = FAMILY_BITS + (length ? loader_number("a prefix", length + 1, 0, bits) : (unsigned int)bits);
	return true;
}

static void add(__u32 verdict, char *what, const char *where)
{
	if (nr_sources == MAX_RULES || nr_ports == MAX_RULES)
		errx(1, "more than %d rules", MAX_RULES);
	if (parse_port(what, &ports[nr_ports].port))
		ports[nr_ports++].verdict = verdict;
	else if (parse_cidr(what, &sources[nr_sources].cidr))
		sources[nr_sources++].verdict = verdict;
	else
		errx(1, "%s%s: not ADDRESS[/BITS], tcp[/PORT], udp[/PORT], icmp or icmp6", where, what);
}

static void read_rules(const char *path)
{
	char line[256], where[300], *verdict, *what;
	FILE *file = fopen(path, "r");
	int number;

	if (!file)
		err(1, "%s", path);
	for (number = 1; fgets(line, sizeof(line), file); number++) {
		line[strcspn(line, "#")] = 0;
		snprintf(where, sizeof(where), "%s:%d: ", path, number);
		verdict = strtok(line, SEPARATORS);
		what = strtok(NULL, SEPARATORS);
		if (!verdict)
			continue;
		if (!what || strtok(NULL, SEPARATORS) || (strcmp(verdict, "allow") && strcmp(verdict, "deny")))
			errx(1, "%sa rule is \"allow WHAT\" or \"deny WHAT\"", where);
		add(!strcmp(verdict, "allow") ? ALLOW : DENY, what, where);
	}
	fclose(file);
}

static error_t option(int key, char *arg, struct argp_state *state)
{
	(void)state;
	switch (key) {
	case 'a':
		add(ALLOW, arg, "");
		return 0;
	case 'd':
		add(DENY, arg, "");
		return 0;
	case 'f':
		read_rules(arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void set_rules(struct firewall_bpf *skel)
{
	int i;

	for (i = 0; i < nr_sources; i++)
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.sources), &sources[i].cidr, &sources[i].verdict, BPF_ANY))
			err(1, "rule for a source");
	for (i = 0; i < nr_ports; i++)
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.ports), &ports[i].port, &ports[i].verdict, BPF_ANY))
			err(1, "rule for a port");
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "allow", 'a', "WHAT", 0, "ADDRESS[/BITS] it is from, or tcp[/PORT], udp[/PORT], icmp, icmp6", 0 },
		{ "deny", 'd', "WHAT", 0, "The same, not to be let in", 0 },
		{ "file", 'f', "FILE", 0, "Rules, one \"allow WHAT\" or \"deny WHAT\" a line", 0 },
		{}
	};
	struct firewall_bpf *skel;
	int i;

	loader_begin(argc, argv, options, option, "IF...",
		     "Lets in what is denied neither for its source, by the longest prefix, nor its port.");
	for (i = 0; i < loader_nr_devs; i++) {
		skel = firewall_bpf__open_and_load();
		loader_loaded(skel);
		set_rules(skel);
		loader_attach(skel->progs.firewall, skel->maps.counters);
	}
	return loader_run(names, REASONS);
}
