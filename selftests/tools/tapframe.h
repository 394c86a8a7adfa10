/* SPDX-License-Identifier: GPL-2.0 */
/* Frames as taptest makes them and writes them down. */
#ifndef TAPFRAME_H
#define TAPFRAME_H

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <string.h>

static unsigned int digest(const unsigned char *at, size_t len)
{
	unsigned int sum = 2166136261u;

	while (len--)
		sum = (sum ^ *at++) * 16777619u;
	return sum;
}

static void show_header(const unsigned char *at, int len)
{
	int i;

	printf("    header");
	for (i = 0; i < len; i++)
		printf(" %02x", at[i]);
}

static int put_frame(unsigned char *at, const unsigned char *dst, const unsigned char *src, int type, int len, int seed)
{
	int i;

	for (i = 0; i < len; i++)
		at[i] = i * 7 + seed;
	if (len >= ETH_ALEN)
		memcpy(at, dst, ETH_ALEN);
	if (len >= 2 * ETH_ALEN)
		memcpy(at + ETH_ALEN, src, ETH_ALEN);
	if (len >= ETH_HLEN) {
		at[12] = type >> 8;
		at[13] = type;
	}
	return len;
}

static unsigned int add16(const unsigned char *at, int len, unsigned int sum)
{
	for (; len > 1; len -= 2, at += 2)
		sum += at[0] << 8 | at[1];
	return len ? sum + (at[0] << 8) : sum;
}

static void put_sum(unsigned char *at, unsigned int sum, int invert)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	if (invert)
		sum = ~sum;
	at[0] = sum >> 8;
	at[1] = sum;
}

/* An IPv4 packet of TCP (6) or UDP (17); its checksum is whole, or the pseudo header's only. */
static int put_ip(unsigned char *at, const unsigned char *dst, const unsigned char *src, int proto, int port, int payload,
		  int partial)
{
	int l4 = proto == 6 ? 20 : 8, at_sum = proto == 6 ? 16 : 6, total = 20 + l4 + payload, pseudo;
	unsigned char *ip = at + ETH_HLEN, *t = ip + 20;

	put_frame(at, dst, src, ETH_P_IP, ETH_HLEN + total, port);
	memset(ip, 0, 20 + l4);
	ip[0] = 0x45;
	ip[2] = total >> 8;
	ip[3] = total;
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
	put_sum(ip + 10, add16(ip, 20, 0), 1);
	t[0] = port >> 8;
	t[1] = port;
	t[3] = 9;
	if (proto == 6) {
		t[12] = 0x50;
		t[13] = 0x10;
	} else {
		t[4] = (l4 + payload) >> 8;
		t[5] = l4 + payload;
	}
	pseudo = add16(ip + 12, 8, proto + l4 + payload);
	if (partial)
		put_sum(t + at_sum, pseudo, 0);
	else
		put_sum(t + at_sum, add16(t, l4 + payload, pseudo), 1);
	return ETH_HLEN + total;
}

#endif /* TAPFRAME_H */
