// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of /dev/tapN as a 32 bit program calls them: by the entry of such programs, with arguments below
 * 4 GB. What they answer is written down, as by taptest. Exit status 4: the kernel runs no such programs.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define COMPAT_GETPID	20	/* i386's numbers */
#define COMPAT_IOCTL	54

static const struct { const char *name; unsigned int request; } requests[] = {
	{ "TUNSETIFF", TUNSETIFF }, { "TUNGETIFF", TUNGETIFF }, { "TUNSETQUEUE", TUNSETQUEUE },
	{ "TUNGETFEATURES", TUNGETFEATURES }, { "TUNSETSNDBUF", TUNSETSNDBUF }, { "TUNSETVNETHDRSZ", TUNSETVNETHDRSZ },
	{ "TUNGETVNETHDRSZ", TUNGETVNETHDRSZ }, { "TUNSETVNETLE", TUNSETVNETLE }, { "TUNGETVNETLE", TUNGETVNETLE },
	{ "TUNSETVNETBE", TUNSETVNETBE }, { "TUNGETVNETBE", TUNGETVNETBE }, { "SIOCGIFHWADDR", SIOCGIFHWADDR },
	{ "SIOCSIFHWADDR", SIOCSIFHWADDR }, { "TUNSETPERSIST", TUNSETPERSIST }, { "TUNGETSNDBUF", TUNGETSNDBUF },
	/* numbers that hold the size of an argument, which is another for a 32 bit program */
	{ "TUNATTACHFILTER", 0x400854d5 }, { "SIOCGIFNAME", SIOCGIFNAME }, { "0", 0 },
};

static const unsigned long offloads[] = { 0, TUN_F_CSUM, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6, 0x100, 0xffffffff };
static const unsigned int values[] = { 0, 10, 0x1002, 0x5002, 0x200, 0x400, 0xffffffff };

static long compat(int number, long b, long c, long d)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret) : "a" (number), "b" (b), "c" (c), "d" (d)
		     : "memory", "r8", "r9", "r10", "r11");
	if (ret >= 0)
		return ret;
	errno = -(int)ret;
	return -1;
}

static void said(long ret, const char *name, unsigned long arg)
{
	if (ret >= 0)
		printf("%s %#lx = %ld\n", name, arg, ret);
	else
		printf("%s %#lx = %s\n", name, arg, strerrorname_np(errno));
}

static void show(const unsigned char *at, int len)
{
	while (len--)
		printf(" %02x", *at++);
	puts("");
}

static void no_compat(int sig)
{
	(void)sig;
	_exit(4);
}

/* In place of the name's end: ifr_flags, or the address's family. */
static void one(int fd, unsigned char *low, int number)
{
	unsigned int request = requests[number].request, i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		memset(low, 0, 64);
		memcpy(low, &values[i], sizeof(values[i]));
		memcpy(low + IFNAMSIZ, &values[i], sizeof(values[i]));
		said(compat(COMPAT_IOCTL, fd, request, (long)low), requests[number].name, values[i]);
		show(low, 40);
	}
	said(compat(COMPAT_IOCTL, fd, request, 0), requests[number].name, 0);
	said(compat(COMPAT_IOCTL, fd, request, 1), requests[number].name, 1);
}

int main(int argc, char **argv)
{
	unsigned char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
	unsigned int i;

	if (fd < 0 || low == MAP_FAILED)
		err(1, "usage: tapcompat NODE");
	signal(SIGSEGV, no_compat);
	if (compat(COMPAT_GETPID, 0, 0, 0) != getpid())
		return 4;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		one(fd, low, i);
	for (i = 0; i < sizeof(offloads) / sizeof(offloads[0]); i++)
		said(compat(COMPAT_IOCTL, fd, TUNSETOFFLOAD, offloads[i]), "TUNSETOFFLOAD", offloads[i]);
	return 0;
}
