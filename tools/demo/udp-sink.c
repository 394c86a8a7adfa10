// SPDX-License-Identifier: GPL-2.0
/*
 * udp-sink <port>...: take datagrams on these ports until SIGTERM, then print how many came to each.
 */
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_PORTS	8

static int listen_on(int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		perror("udp-sink");
		exit(1);
	}
	return fd;
}

static unsigned long drain(int fd)
{
	unsigned long n = 0;
	char buf[2048];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

int main(int argc, char **argv)
{
	struct pollfd fds[MAX_PORTS + 1];
	unsigned long got[MAX_PORTS] = {};
	int i, ports = argc - 1;
	bool stop = false;
	sigset_t set;

	if (ports < 1 || ports > MAX_PORTS) {
		fprintf(stderr, "Usage: udp-sink <port>...\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fds[ports].fd = signalfd(-1, &set, 0);
	fds[ports].events = POLLIN;
	for (i = 0; i < ports; i++) {
		fds[i].fd = listen_on(atoi(argv[i + 1]));
		fds[i].events = POLLIN;
	}

	while (!stop) {
		if (poll(fds, ports + 1, -1) < 0)
			return 1;
		stop = fds[ports].revents;
		/* On the signal once more: what is queued by then counts. */
		for (i = 0; i < ports; i++)
			got[i] += drain(fds[i].fd);
	}
	for (i = 0; i < ports; i++)
		printf("%lu%c", got[i], i + 1 < ports ? ' ' : '\n');
	return 0;
}
