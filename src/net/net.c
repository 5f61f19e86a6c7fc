/* net.c: see net.h. Sockets block in poll(2) until their deadline, never in send or recv.
 *
 * Receive buffers are left to the kernel: a size set by hand is cut to net.core.rmem_max and ends
 * its own tuning, which goes far beyond. */
#include "net/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/os.h"

/* errno's text, from a table of the C library's that nobody writes to. */
static const char *error_text(int code)
{
    const char *text = strerrordesc_np(code);
    return text ? text : "unknown error";
}

lv_status lv_net_address_parse(lv_str text, lv_str *host, int *port, lv_error *err)
{
    lv_str s = lv_str_trim(text);
    ptrdiff_t colon = -1;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == ':')
            colon = (ptrdiff_t)i;
    int64_t number;
    if (colon <= 0 ||
        !lv_str_to_i64(lv_str_sub(s, (size_t)colon + 1, s.len - (size_t)colon - 1), &number) ||
        number < 0 || number > 65535)
        return LV_FAIL(err, LV_USAGE, "'%.*s' is not an address of the form host:port",
                       LV_STR_ARG(text));
    *host = lv_str_sub(s, 0, (size_t)colon);
    if (host->len > 2 && host->ptr[0] == '[' && host->ptr[host->len - 1] == ']')
        *host = lv_str_sub(*host, 1, host->len - 2);
    *port = (int)number;
    return LV_OK;
}

/* Waits until `events` are possible. */
static lv_status wait_for(int fd, short events, int64_t deadline_ns, lv_error *err)
{
    for (;;) {
        int64_t left_ms = (deadline_ns - lv_mono_ns() + 999999) / 1000000;
        if (left_ms <= 0)
            return LV_FAIL(err, LV_TIMED_OUT, "the peer did not answer in time");
        struct pollfd p = {.fd = fd, .events = events};
        int n = poll(&p, 1, (int)LV_MIN(left_ms, (int64_t)60000));
        if (n > 0)
            return LV_OK;
        if (n < 0 && errno != EINTR)
            return LV_FAIL(err, LV_IO, "poll: %s", error_text(errno));
    }
}

static void set_options(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

/* One of the addresses a name stands for. */
static lv_status connect_one(const struct addrinfo *a, int64_t deadline_ns, int *fd, lv_error *err)
{
    int s = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (s < 0)
        return LV_FAIL(err, LV_UNAVAILABLE, "socket: %s", error_text(errno));
    lv_status status = LV_OK;
    if (connect(s, a->ai_addr, a->ai_addrlen) != 0) {
        int failure = errno;
        socklen_t size = sizeof failure;
        if (failure == EINPROGRESS)
            status = wait_for(s, POLLOUT, deadline_ns, err);
        if (status == LV_OK && failure == EINPROGRESS)
            getsockopt(s, SOL_SOCKET, SO_ERROR, &failure, &size);
        if (status == LV_OK && failure != 0)
            status = LV_FAIL(err, LV_UNAVAILABLE, "%s", error_text(failure));
    }
    if (status != LV_OK) {
        close(s);
        return status;
    }
    set_options(s);
    *fd = s;
    return LV_OK;
}

lv_status lv_net_connect(lv_str host, int port, int64_t timeout_ms, int *fd, lv_error *err)
{
    int64_t deadline_ns = lv_mono_ns() + timeout_ms * 1000000;
    char name[256], service[8];
    snprintf(name, sizeof name, "%.*s", LV_STR_ARG(host));
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV},
                    *found = NULL;
    int failure = getaddrinfo(name, service, &hints, &found);
    if (failure != 0)
        return LV_FAIL(err, LV_UNAVAILABLE, "cannot resolve %s: %s", name, gai_strerror(failure));
    lv_error cause = LV_ERROR_INIT;
    lv_status status = LV_UNAVAILABLE;
    for (struct addrinfo *a = found; a != NULL && status != LV_OK; a = a->ai_next) {
        lv_error_clear(&cause);
        status = connect_one(a, deadline_ns, fd, &cause);
    }
    freeaddrinfo(found);
    if (status != LV_OK)
        return LV_FAIL(err, LV_UNAVAILABLE, "cannot connect to %s:%d: %s", name, port,
                       cause.message);
    return LV_OK;
}

lv_status lv_net_send(int fd, const void *bytes, size_t len, int64_t deadline_ns, lv_error *err)
{
    const char *p = bytes;
    while (len > 0) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            LV_TRY(wait_for(fd, POLLOUT, deadline_ns, err));
        } else if (n < 0 && errno != EINTR) {
            return LV_FAIL(err, LV_UNAVAILABLE, "the connection broke while sending: %s",
                           error_text(errno));
        }
    }
    return LV_OK;
}

lv_status lv_net_receive(int fd, void *out, size_t len, int64_t deadline_ns, lv_error *err)
{
    char *p = out;
    while (len > 0) {
        ssize_t n = recv(fd, p, len, MSG_DONTWAIT);
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        } else if (n == 0) {
            return LV_FAIL(err, LV_UNAVAILABLE, "the peer closed the connection");
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            LV_TRY(wait_for(fd, POLLIN, deadline_ns, err));
        } else if (errno != EINTR) {
            return LV_FAIL(err, LV_UNAVAILABLE, "the connection broke while receiving: %s",
                           error_text(errno));
        }
    }
    return LV_OK;
}
