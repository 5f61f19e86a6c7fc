/* listen_address.c: from a text to a listening socket. */
#include "hub/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "net/net.h"

lv_status lv_host_port_parse(const char *text, lv_host_port *out, lv_error *err)
{
    lv_str host;
    int port;
    LV_TRY(lv_net_address_parse(lv_str_of(text), &host, &port, err));
    if (host.len >= sizeof out->host)
        return LV_FAIL(err, LV_USAGE, "the host of '%s' is too long", text);
    memcpy(out->host, host.ptr, host.len);
    out->host[host.len] = '\0';
    out->port = port;
    return LV_OK;
}

void lv_host_port_of(const struct sockaddr_storage *address, socklen_t len, lv_host_port *out)
{
    char port[8] = "0";
    out->host[0] = '\0';
    if (getnameinfo((const struct sockaddr *)address, len, out->host, sizeof out->host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(out->host, sizeof out->host, "127.0.0.1");
    int64_t number = 0;
    (void)lv_str_to_i64(lv_str_of(port), &number);
    out->port = (int)number;
    /* A client of an IPv4 address on a dual socket is told the IPv4 address. */
    static const char mapped[] = "::ffff:";
    if (strncmp(out->host, mapped, sizeof mapped - 1) == 0)
        memmove(out->host, out->host + sizeof mapped - 1,
                strlen(out->host) - (sizeof mapped - 1) + 1);
}

static int try_address(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    info->ai_protocol);
    if (fd < 0)
        return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int cause = errno;
    close(fd);
    errno = cause;
    return -1;
}

lv_status lv_listen(lv_host_port *address, int *fd, lv_error *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *infos = NULL;
    char port[8];
    snprintf(port, sizeof port, "%d", address->port);
    int failure = getaddrinfo(address->host, port, &hints, &infos);
    if (failure != 0)
        return LV_FAIL(err, LV_UNAVAILABLE, "cannot resolve %s: %s", address->host,
                       gai_strerror(failure));
    int opened = -1;
    for (const struct addrinfo *info = infos; info && opened < 0; info = info->ai_next)
        opened = try_address(info);
    int cause = errno;
    freeaddrinfo(infos);
    if (opened < 0)
        return LV_FAIL(err, LV_UNAVAILABLE, "cannot listen on %s:%d: %s", address->host,
                       address->port, strerrordesc_np(cause));
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    if (getsockname(opened, (struct sockaddr *)&bound, &len) == 0) {
        lv_host_port actual;
        lv_host_port_of(&bound, len, &actual);
        address->port = actual.port;
    }
    *fd = opened;
    return LV_OK;
}
