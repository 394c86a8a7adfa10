// SPDX-License-Identifier: GPL-2.0
/* What the programs of a device did: those of its ethtool statistics that are about XDP. */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "xdp-rxh.h"

static bool ethtool(int fd, const char *name, void *data)
{
	struct ifreq ifr = { .ifr_data = data };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return !ioctl(fd, SIOCETHTOOL, &ifr);
}

/* How many it has; -1 if that can't be told */
static long count(int fd, const char *name)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1 << ETH_SS_STATS } };

	if (!ethtool(fd, name, &set))
		return errno == EOPNOTSUPP ? 0 : -1;
	return set.info.sset_mask ? set.count : 0;
}

static void print(const char *name, const struct ethtool_gstrings *names,
		  const struct ethtool_stats *stats)
{
	const char *word, *comma = "";
	unsigned int i;

	if (json)
		printf("%s{\"ifname\":%s,\"stats\":{", show_next(), quoted(name));
	else
		printf("%s:\n", plain(name));
	for (i = 0; i < names->len && i < stats->n_stats; i++) {
		word = (const char *)names->data + i * ETH_GSTRING_LEN;
		if (!strstr(word, "xdp"))
			continue;
		if (json)
			printf("%s\"%.*s\":%llu", comma, ETH_GSTRING_LEN, word,
			       stats->data[i]);
		else
			printf("    %.*s %llu\n", ETH_GSTRING_LEN, word,
			       stats->data[i]);
		comma = ",";
	}
	if (json)
		printf("}}");
}

/* Fails if there is no such device any more, or the kernel does not say */
static bool stats_of(int fd, const char *name)
{
	struct ethtool_gstrings *names;
	struct ethtool_stats *stats;
	long n = count(fd, name);
	bool done;

	if (n < 0)
		return false;
	names = calloc(1, sizeof(*names) + n * ETH_GSTRING_LEN);
	stats = calloc(1, sizeof(*stats) + n * sizeof(__u64));
	if (!names || !stats)
		err(1, "statistics");
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = n;
	stats->cmd = ETHTOOL_GSTATS;
	stats->n_stats = n;
	done = !n || (ethtool(fd, name, names) && ethtool(fd, name, stats));
	if (done)
		print(name, names, stats);
	free(names);
	free(stats);
	return done;
}

/* @gone: it may have gone since the kernel listed it */
static void show_one(const struct chain *chain, bool gone)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[IF_NAMESIZE] = "";

	if (fd < 0)
		err(1, "socket");
	if ((!if_indextoname(chain->ifindex, name) || !stats_of(fd, name)) &&
	    !(gone && (errno == ENODEV || errno == ENXIO)))
		err(1, "interface %u %s: statistics", chain->ifindex, plain(name));
	close(fd);
}

void show_stats(const struct chain *chain)
{
	show_one(chain, false);
}

void show_stats_of_all(const struct chain *chain)
{
	show_one(chain, true);
}
