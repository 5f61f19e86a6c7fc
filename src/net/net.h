/* net.h: TCP connections with a deadline on everything. */
#ifndef LV_NET_NET_H
#define LV_NET_NET_H

#include "base/status.h"
#include "base/str.h"

/** Splits "host:port" or "[v6]:port"; USAGE error otherwise. The host is a slice of `text`. */
LV_MUST_USE lv_status lv_net_address_parse(lv_str text, lv_str *host, int *port, lv_error *err);
/** Connects within `timeout_ms`, with TCP_NODELAY and keep-alive. Error UNAVAILABLE naming host and
 * port. */
LV_MUST_USE lv_status lv_net_connect(lv_str host, int port, int64_t timeout_ms, int *fd,
                                     lv_error *err);
/** Sends all of it. `deadline_ns` is on the monotonic clock. Errors UNAVAILABLE, TIMED_OUT. */
LV_MUST_USE lv_status lv_net_send(int fd, const void *bytes, size_t len, int64_t deadline_ns,
                                  lv_error *err);
/** Receives exactly `len` bytes. A closed connection is UNAVAILABLE. */
LV_MUST_USE lv_status lv_net_receive(int fd, void *out, size_t len, int64_t deadline_ns,
                                     lv_error *err);

#endif
