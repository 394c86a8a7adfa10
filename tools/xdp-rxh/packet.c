// SPDX-License-Identifier: GPL-2.0
/* A frame in a few words: who sent it, to whom, what it is. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>

#include "xdp-rxh.h"

static const char *protocol_name(unsigned int protocol)
{
	static char number[16];

	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmp6";
	case IPPROTO_SCTP:
		return "sctp";
	}
	snprintf(number, sizeof(number), "protocol %u", protocol);
	return number;
}

/* @ports: behind the IP header, or NULL */
static void print_flow(FILE *to, const char *from, const char *dest,
		       unsigned int protocol, const unsigned char *ports)
{
	switch (ports ? protocol : 0) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		fprintf(to, "%s.%u > %s.%u %s", from, ports[0] << 8 | ports[1],
			dest, ports[2] << 8 | ports[3], protocol_name(protocol));
		return;
	}
	fprintf(to, "%s > %s %s", from, dest, protocol_name(protocol));
}

static bool print_ip(FILE *to, const unsigned char *data, size_t len)
{
	char from[INET_ADDRSTRLEN], dest[INET_ADDRSTRLEN];
	const struct iphdr *ip = (const void *)data;
	size_t size;

	if (len < sizeof(*ip))
		return false;
	inet_ntop(AF_INET, &ip->saddr, from, sizeof(from));
	inet_ntop(AF_INET, &ip->daddr, dest, sizeof(dest));
	size = ip->ihl * 4;
	if (ip->frag_off & htons(IP_OFFMASK) || size < sizeof(*ip) || size + 4 > len)
		size = 0;
	print_flow(to, from, dest, ip->protocol, size ? data + size : NULL);
	return true;
}

static bool print_ip6(FILE *to, const unsigned char *data, size_t len)
{
	char from[INET6_ADDRSTRLEN], dest[INET6_ADDRSTRLEN];
	const struct ip6_hdr *ip6 = (const void *)data;

	if (len < sizeof(*ip6))
		return false;
	inet_ntop(AF_INET6, &ip6->ip6_src, from, sizeof(from));
	inet_ntop(AF_INET6, &ip6->ip6_dst, dest, sizeof(dest));
	print_flow(to, from, dest, ip6->ip6_nxt,
		   len >= sizeof(*ip6) + 4 ? data + sizeof(*ip6) : NULL);
	return true;
}

static bool print_arp(FILE *to, const unsigned char *data, size_t len)
{
	char from[INET_ADDRSTRLEN], dest[INET_ADDRSTRLEN];
	const struct ether_arp *arp = (const void *)data;

	if (len < sizeof(*arp))
		return false;
	inet_ntop(AF_INET, arp->arp_spa, from, sizeof(from));
	inet_ntop(AF_INET, arp->arp_tpa, dest, sizeof(dest));
	fprintf(to, "arp %s %s for %s", from,
		arp->arp_op == htons(ARPOP_REQUEST) ? "asks" : "answers", dest);
	return true;
}

static void print_mac(FILE *to, const unsigned char *mac)
{
	unsigned int i;

	for (i = 0; i < ETH_ALEN; i++)
		fprintf(to, "%s%02x", i ? ":" : "", mac[i]);
}

/* @data: the first @len bytes of the frame */
void print_packet(FILE *to, const unsigned char *data, size_t len)
{
	unsigned int proto, at = ETH_HLEN;
	bool known = false;

	if (len < ETH_HLEN) {
		fputs("short", to);
		return;
	}
	proto = data[12] << 8 | data[13];
	while ((proto == ETH_P_8021Q || proto == ETH_P_8021AD) && len >= at + 4) {
		fprintf(to, "vlan %u, ", (data[at] << 8 | data[at + 1]) & 0xfff);
		proto = data[at + 2] << 8 | data[at + 3];
		at += 4;
	}
	if (proto == ETHERTYPE_IP)
		known = print_ip(to, data + at, len - at);
	else if (proto == ETHERTYPE_IPV6)
		known = print_ip6(to, data + at, len - at);
	else if (proto == ETHERTYPE_ARP)
		known = print_arp(to, data + at, len - at);
	if (known)
		return;
	print_mac(to, data + ETH_ALEN);
	fputs(" > ", to);
	print_mac(to, data);
	fprintf(to, " type 0x%04x", proto);
}
