// SPDX-License-Identifier: GPL-2.0
/*
 * balancer -s ADDRESS -b MAC [-b MAC]... [-o OUT] IF...: shares what comes for an address among servers.
 *
 *	build/samples/balancer -s 192.0.2.1 -b 02:00:00:00:0b:01 -b 02:00:00:00:0b:02 mv0
 */
#include "loader.h"

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "balancer.h"
#include "balancer.skel.h"

static struct backend backends[MAX_BACKENDS];
static const char *names[MAX_BACKENDS];
static int nr_backends, family;
static const char *out;
static __be32 service[4];

static void add_backend(const char *mac)
{
	unsigned char *to = backends[nr_backends].to;
	int end = 0;

	if (nr_backends == MAX_BACKENDS)
		errx(1, "more than %d backends", MAX_BACKENDS);
	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx%n", &to[0], &to[1], &to[2], &to[3], &to[4], &to[5],
		   &end) != ETH_ALEN || mac[end])
		errx(1, "%s: not a MAC address, as 02:00:00:00:0b:01", mac);
	names[nr_backends++] = mac;
}

static error_t option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 's':
		family = strchr(arg, ':') ? AF_INET6 : AF_INET;
		if (inet_pton(family, arg, service) != 1)
			errx(1, "%s: not an IP address", arg);
		return 0;
	case 'b':
		add_backend(arg);
		return 0;
	case 'o':
		out = arg;
		return 0;
	case ARGP_KEY_END:
		if (!family || !nr_backends)
			argp_error(state, "whose frames, and to whom? -s ADDRESS -b MAC");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void mac_of(const char *dev, void *mac)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &ifr))
		err(1, "%s: no MAC address", dev);
	memcpy(mac, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	close(fd);
}

static struct balancer_bpf *load(const char *dev)
{
	struct balancer_bpf *skel = balancer_bpf__open();
	__u32 zero = 0, ifindex, i;

	loader_loaded(skel);
	memcpy((void *)skel->rodata->service, service, sizeof(service));
	skel->rodata->service_is_ipv4 = family == AF_INET;
	skel->rodata->nr_backends = nr_backends;
	skel->rodata->redirected = out;
	loader_loaded(balancer_bpf__load(skel) ? NULL : skel);
	for (i = 0; (int)i < nr_backends; i++) {
		mac_of(out ?: dev, backends[i].from);
		bpf_map_update_elem(bpf_map__fd(skel->maps.backends), &i, &backends[i], BPF_ANY);
	}
	ifindex = out ? if_nametoindex(out) : 0;
	if (out && bpf_map_update_elem(bpf_map__fd(skel->maps.out), &zero, &ifindex, BPF_ANY))
		err(1, "%s: XDP_REDIRECT can't send there", out);
	return skel;
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "service", 's', "ADDRESS", 0, "The address that the servers share", 0 },
		{ "backend", 'b', "MAC", 0, "A server's", 0 },
		{ "out", 'o', "OUT", 0, "The device that the servers are behind, if not IF", 0 },
		{}
	};
	struct balancer_bpf *skel;
	int i;

	loader_begin(argc, argv, options, option, "-s ADDRESS -b MAC... IF...",
		     "Sends what comes for an address on to one of its servers, by the client's address.");
	for (i = 0; i < loader_nr_devs; i++) {
		skel = load(loader_devs[i].name);
		loader_attach(skel->progs.balancer, skel->maps.counters);
	}
	return loader_run(names, nr_backends);
}
