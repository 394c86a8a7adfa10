/* SPDX-License-Identifier: GPL-2.0 */
/* The address a case put into map cfg, written into a frame. */
#ifndef SELFTESTS_MAC_H
#define SELFTESTS_MAC_H

static __always_inline void cfg_mac(__u8 *mac)
{
	__u64 value = cfg_get(CFG_MAC);
	int i;

	for (i = 0; i < ETH_ALEN; i++)
		mac[i] = value >> (8 * i);
}

#endif /* SELFTESTS_MAC_H */
