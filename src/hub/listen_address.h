/* listen_address.h: HOST:PORT texts and listening sockets. */
#ifndef LV_HUB_LISTEN_ADDRESS_H
#define LV_HUB_LISTEN_ADDRESS_H

#include <sys/socket.h>

#include "base/status.h"

enum { LV_HOST_SIZE = 256 };

typedef struct lv_host_port {
    char host[LV_HOST_SIZE];
    int port;
} lv_host_port;

/** Splits "host:port" or "[v6 address]:port". Status USAGE. */
LV_MUST_USE lv_status lv_host_port_parse(const char *text, lv_host_port *out, lv_error *err);
/** The numeric host and port of a socket address. */
void lv_host_port_of(const struct sockaddr_storage *address, socklen_t len, lv_host_port *out);
/** A listening, non-blocking TCP socket; port 0 takes a free one, which `address` gets. Status
 *  UNAVAILABLE when the address cannot be had. */
LV_MUST_USE lv_status lv_listen(lv_host_port *address, int *fd, lv_error *err);

#endif
