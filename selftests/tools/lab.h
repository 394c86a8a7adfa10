/* SPDX-License-Identifier: GPL-2.0 */
/* What the test tools share: devices named NS:IFNAME, and test programs loaded once and then pinned. */
#ifndef SELFTESTS_LAB_H
#define SELFTESTS_LAB_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "frame.h"

#define LAB_PINS	"/run/xdp_rxh_test"	/* a bpffs that "ip -n", which mounts a new /sys, still sees */

/* A device in a namespace of /run/netns; "NS:IFNAME", or ":IFNAME" for the namespace we were started in. */
struct lab_dev {
	char spec[64];
	char ns[32];
	char name[IF_NAMESIZE];
	int ifindex;
};

static inline int lab_scale(void)
{
	const char *scale = getenv("TEST_TIMEOUT_SCALE");

	return scale && atoi(scale) > 0 ? atoi(scale) : 1;
}

static inline long long lab_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Be in the namespace @ns from now on; "" is the one we were started in. */
static inline void lab_enter(const char *ns)
{
	static int home = -1;
	char path[64];
	int fd;

	if (home < 0)
		home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (!*ns) {
		if (setns(home, CLONE_NEWNET))
			err(1, "setns back");
		return;
	}
	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "namespace %s", ns);
	close(fd);
}

/* Parse @spec; does not need the device to exist yet. */
static inline void lab_parse(const char *spec, struct lab_dev *dev)
{
	const char *colon = strchr(spec, ':');

	memset(dev, 0, sizeof(*dev));
	if (!colon || colon - spec >= (long)sizeof(dev->ns) || strlen(colon + 1) >= sizeof(dev->name) ||
	    strlen(spec) >= sizeof(dev->spec))
		errx(2, "not a device: %s (NS:IFNAME)", spec);
	strcpy(dev->spec, spec);
	memcpy(dev->ns, spec, colon - spec);
	strcpy(dev->name, colon + 1);
}

/* Enter the device's namespace and look up its index; 0 if it isn't there. */
static inline int lab_find(struct lab_dev *dev)
{
	lab_enter(dev->ns);
	dev->ifindex = if_nametoindex(dev->name);
	return dev->ifindex;
}

static inline void lab_open(const char *spec, struct lab_dev *dev)
{
	lab_parse(spec, dev);
	if (!lab_find(dev))
		errx(1, "no device %s", spec);
}

static inline __u32 lab_mode(const char *mode)
{
	if (!strcmp(mode, "drv"))
		return XDP_FLAGS_DRV_MODE;
	if (!strcmp(mode, "skb"))
		return XDP_FLAGS_SKB_MODE;
	if (!strcmp(mode, "hw"))
		return XDP_FLAGS_HW_MODE;
	errx(2, "not a mode: %s (drv, skb or hw)", mode);
}

/* A program of build/selftests by its name: loaded the first time, from its pin after that. */
static inline int lab_prog(const char *name)
{
	char self[PATH_MAX] = "", path[PATH_MAX + 64], pin[128];
	struct bpf_program *prog;
	struct bpf_object *obj;
	int fd;

	snprintf(pin, sizeof(pin), LAB_PINS "/%s", name);
	fd = bpf_obj_get(pin);
	if (fd >= 0)
		return fd;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		err(1, "/proc/self/exe");
	snprintf(path, sizeof(path), "%s/%s.bpf.o", dirname(self), name);
	obj = bpf_object__open_file(path, NULL);
	if (!obj)
		err(1, "%s", path);
	prog = bpf_object__next_program(obj, NULL);
	if (!prog || bpf_object__load(obj))
		errx(1, "%s does not load", path);
	if (bpf_program__pin(prog, pin))
		err(1, "pin %s", pin);
	return bpf_program__fd(prog);
}

/* The map called @name of the program @prog_fd, -1 if it has none. */
static inline int lab_map(int prog_fd, const char *name)
{
	__u32 ids[16], len = sizeof(struct bpf_prog_info), i;
	struct bpf_prog_info info = {
		.nr_map_ids = 16,
		.map_ids = (__u64)(unsigned long)ids,
	};

	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len))
		return -1;
	for (i = 0; i < info.nr_map_ids && i < 16; i++) {
		struct bpf_map_info map = {};
		__u32 map_len = sizeof(map);
		int fd = bpf_map_get_fd_by_id(ids[i]);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &map, &map_len) && !strcmp(map.name, name))
			return fd;
		close(fd);
	}
	return -1;
}

/* The program that is on @dev, in whatever mode; -1 if there is none. */
static inline int lab_attached(struct lab_dev *dev)
{
	__u32 id = 0;

	lab_enter(dev->ns);
	if (bpf_xdp_query_id(dev->ifindex, 0, &id) || !id)
		return -1;
	return bpf_prog_get_fd_by_id(id);
}

#endif /* SELFTESTS_LAB_H */
