/* server.c: the epoll loop: connections, frames, and when things happen in a turn.
 *
 * Reading stops for a connection that has a whole request waiting, and no request is worked on while
 * the answer before it is not sent: so a client that does not read, or sends without end, only fills
 * its own socket buffers. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "hub/broker.h"
#include "hub/hub.h"
#include "hub/listen_address.h"
#include "os/os.h"

enum {
    EVENTS_MAX = 64,
    ACCEPTS_MAX = 64,
    READ_SIZE = 64 * 1024,
    IDLE_BUFFER_MAX = 256 * 1024,
    OUTBOX_HIGH = 256 * 1024,
    TEND_INTERVAL_MS = 1000,
    FRAME_SIZE_LEN = 4,
};

typedef struct connection {
    lv_session session;
    lv_hub *hub;
    int fd;
    uint32_t events; /* asked of epoll */
    lv_sbuf in;      /* received; requests before in_start are done */
    size_t in_start;
    bool closing; /* when the outbox is sent */
    bool busy;    /* did something since the hub tended last */
    bool in_turn;
    struct connection *next_in_turn;
    struct connection *next;
    struct connection **link;
    lv_host_port address; /* told to the client */
} connection;

struct lv_hub {
    lv_broker broker;
    int epoll_fd;
    int listen_fd;
    int stop_fd;
    bool accepting;
    atomic_bool stopping;
    lv_host_port address;
    lv_host_port advertised; /* port 0: none given */
    char address_text[LV_HOST_SIZE + 16];
    connection *connections;
    connection *turn; /* connections to work on in this turn */
    int64_t tend_ms;  /* monotonic */
};

/* ---- connections ----------------------------------------------------------------------------- */

static void watch(lv_hub *hub, int fd, uint32_t events, void *data, bool is_new)
{
    struct epoll_event event = {.events = events, .data = {.ptr = data}};
    int failed = epoll_ctl(hub->epoll_fd, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    LV_ASSERT(failed == 0);
}

static void put_in_turn(connection *c)
{
    if (c->in_turn)
        return;
    c->in_turn = true;
    c->next_in_turn = c->hub->turn;
    c->hub->turn = c;
}

static void answered(lv_session *session)
{
    put_in_turn(session->connection);
}

static void open_connection(lv_hub *hub, int fd)
{
    connection *c = calloc(1, sizeof *c);
    LV_ASSERT(c != NULL);
    c->hub = hub;
    c->fd = fd;
    struct sockaddr_storage local;
    socklen_t len = sizeof local;
    c->address = hub->advertised;
    if (hub->advertised.port == 0 && getsockname(fd, (struct sockaddr *)&local, &len) == 0)
        lv_host_port_of(&local, len, &c->address);
    lv_session_init(&c->session, &hub->broker, c->address.host, c->address.port, c);
    c->next = hub->connections;
    c->link = &hub->connections;
    if (c->next)
        c->next->link = &c->next;
    hub->connections = c;
    c->events = EPOLLIN;
    watch(hub, fd, c->events, c, true);
}

/* The connection must not be in the turn's list. */
static void close_connection(connection *c)
{
    LV_ASSERT(!c->in_turn);
    lv_session_release(&c->session);
    close(c->fd);
    lv_sbuf_release(&c->in);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    free(c);
}

static void accept_connections(lv_hub *hub)
{
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        int fd = accept4(hub->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
            lv_log(LV_LOG_ERROR, "hub", "cannot accept connections for a while: %s",
                   strerrordesc_np(errno));
            hub->accepting = false;
            watch(hub, hub->listen_fd, 0, &hub->listen_fd, false);
        }
        if (fd < 0)
            return;
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        open_connection(hub, fd);
    }
}

/* ---- frames ---------------------------------------------------------------------------------- */

static size_t received(const connection *c)
{
    return c->in.len - c->in_start;
}

/* Size of the frame that begins the received bytes, -1 while it is not known; `*valid` false if it
 * cannot be one. */
static int64_t frame_size(const connection *c, bool *valid)
{
    enum { HEAD = FRAME_SIZE_LEN + 2 };
    *valid = true;
    if (received(c) < HEAD)
        return -1;
    const uint8_t *head = (const uint8_t *)c->in.ptr + c->in_start;
    lv_rd rd = lv_rd_of(head, FRAME_SIZE_LEN);
    int64_t size = lv_rd_i32be(&rd);
    *valid = size >= 0 &&
             size <= lv_broker_frame_max(&c->hub->broker, &c->session, head + FRAME_SIZE_LEN);
    return size;
}

static bool has_frame(const connection *c)
{
    bool valid;
    int64_t size = frame_size(c, &valid);
    return !valid || (size >= 0 && (int64_t)received(c) >= size + FRAME_SIZE_LEN);
}

/* Receives once. The buffer grows with what has come, not with what a frame's size promises. */
static void receive(connection *c)
{
    if (c->in_start > 0) {
        memmove(c->in.ptr, c->in.ptr + c->in_start, received(c));
        c->in.len -= c->in_start;
        c->in_start = 0;
    }
    size_t room = LV_MAX((size_t)READ_SIZE, LV_MAX(c->in.len, c->in.capacity - c->in.len -
                                                                  (c->in.capacity > c->in.len)));
    ssize_t n = recv(c->fd, lv_sbuf_reserve(&c->in, room), room, 0);
    if (n > 0)
        c->in.len += (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        c->session.broken = true;
}

static bool may_serve(const connection *c)
{
    const lv_outbox *outbox = &c->session.outbox;
    return !c->closing && !c->session.broken && c->session.fetch == NULL &&
           outbox->slice_count == 0 && outbox->bytes.len - outbox->sent < OUTBOX_HIGH;
}

static void serve_frames(connection *c)
{
    while (may_serve(c) && has_frame(c)) {
        bool valid;
        int64_t size = frame_size(c, &valid);
        if (!valid) {
            c->session.broken = true;
            break;
        }
        uint8_t *frame = (uint8_t *)c->in.ptr + c->in_start + FRAME_SIZE_LEN;
        if (lv_broker_serve(&c->hub->broker, &c->session, frame, (size_t)size) == LV_SERVED_HANG_UP)
            c->closing = true;
        c->in_start += (size_t)size + FRAME_SIZE_LEN;
        c->busy = true;
    }
    if (received(c) == 0) {
        lv_sbuf_clear(&c->in);
        c->in_start = 0;
    }
}

/* ---- turns ----------------------------------------------------------------------------------- */

/* Sends what there is; decides what to wait for next. */
static void finish_turn(connection *c)
{
    lv_outbox_state state = lv_outbox_send(&c->session.outbox, c->fd);
    if (c->session.broken || state == LV_OUTBOX_BROKEN ||
        (c->closing && state == LV_OUTBOX_EMPTY)) {
        close_connection(c);
        return;
    }
    bool pending = has_frame(c);
    if (pending && may_serve(c))
        put_in_turn(c);
    uint32_t events =
        (pending || c->closing ? 0 : EPOLLIN) | (state == LV_OUTBOX_BLOCKED ? EPOLLOUT : 0);
    if (events != c->events) {
        c->events = events;
        watch(c->hub, c->fd, events, c, false);
    }
}

/* Takes the list of this turn's connections apart; they may put themselves into the next one. */
static void for_turn(connection *list, bool last, void (*action)(connection *))
{
    while (list) {
        connection *next = list->next_in_turn;
        if (last)
            list->in_turn = false;
        action(list);
        list = next;
    }
}

static void tend(lv_hub *hub)
{
    if (hub->broker.mono_ms < hub->tend_ms)
        return;
    hub->tend_ms = hub->broker.mono_ms + TEND_INTERVAL_MS;
    lv_broker_tend(&hub->broker);
    for (connection *c = hub->connections; c; c = c->next) {
        if (!c->busy && c->in.len == 0 && c->in.capacity > IDLE_BUFFER_MAX)
            lv_sbuf_release(&c->in);
        c->busy = false;
    }
    if (!hub->accepting) {
        hub->accepting = true;
        watch(hub, hub->listen_fd, EPOLLIN, &hub->listen_fd, false);
    }
}

static void take_event(lv_hub *hub, const struct epoll_event *event)
{
    if (event->data.ptr == &hub->listen_fd) {
        accept_connections(hub);
    } else if (event->data.ptr != &hub->stop_fd) {
        connection *c = event->data.ptr;
        if (event->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            receive(c);
        put_in_turn(c);
    }
}

static int wait_ms(const lv_hub *hub)
{
    if (hub->turn)
        return 0;
    int64_t until_tend = LV_MAX(hub->tend_ms - hub->broker.mono_ms, 0);
    int64_t until_fetch = lv_broker_wait_ms(&hub->broker);
    return (int)(until_fetch < 0 ? until_tend : LV_MIN(until_tend, until_fetch));
}

lv_status lv_hub_run(lv_hub *hub, lv_error *err)
{
    /* sendfile(2) has no flag against it. */
    sigset_t pipe_signal;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
    struct epoll_event events[EVENTS_MAX];
    while (!atomic_load(&hub->stopping)) {
        int count = epoll_wait(hub->epoll_fd, events, EVENTS_MAX, wait_ms(hub));
        if (count < 0 && errno != EINTR)
            return LV_FAIL(err, LV_IO, "epoll_wait: %s", strerrordesc_np(errno));
        lv_broker_tick(&hub->broker);
        for (int i = 0; i < count; i++)
            take_event(hub, &events[i]);
        for_turn(hub->turn, false, serve_frames);
        lv_broker_settle(&hub->broker, answered);
        if (hub->broker.failed)
            return LV_FAIL(err, LV_IO, "the hub stops: %s can no longer be made durable",
                           hub->broker.options.data_dir);
        connection *list = hub->turn;
        hub->turn = NULL;
        for_turn(list, true, finish_turn);
        tend(hub);
    }
    return LV_OK;
}

/* ---- life ------------------------------------------------------------------------------------ */

lv_hub_options lv_hub_options_default(void)
{
    return (lv_hub_options){
        .listen = "127.0.0.1:9092",
        .data_dir = "hub-data",
        .partitions = 8,
        .retention_ms = (int64_t)7 * 24 * 60 * 60 * 1000,
        .retention_bytes = -1,
        .segment_bytes = 128 * 1024 * 1024,
        .max_message_bytes = 1024 * 1024 + LV_BATCH_LOG_OVERHEAD,
        .fsync = LV_HUB_FSYNC_NEVER,
        .auto_create = true,
        .append_time = true,
    };
}

static lv_status check_options(const lv_hub_options *options, lv_error *err)
{
    enum { SEGMENT_MIN = 1024 * 1024, SEGMENT_MAX = 1024 * 1024 * 1024 };
    if (options->partitions < 1 || options->partitions > LV_TOPIC_PARTITIONS_MAX)
        return LV_FAIL(err, LV_USAGE, "partitions must be 1 to %d, not %" PRId32,
                       LV_TOPIC_PARTITIONS_MAX, options->partitions);
    if (options->segment_bytes < SEGMENT_MIN || options->segment_bytes > SEGMENT_MAX)
        return LV_FAIL(err, LV_USAGE, "a segment must have %d to %d bytes, not %" PRId64,
                       SEGMENT_MIN, SEGMENT_MAX, options->segment_bytes);
    if (options->sasl && options->sasl[0] == '\0')
        return LV_FAIL(err, LV_USAGE, "the connection string is empty");
    return LV_OK;
}

/* Every segment keeps a file open, so take as many as the system lets us. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static lv_status open_sockets(lv_hub *hub, lv_error *err)
{
    LV_TRY(lv_listen(&hub->address, &hub->listen_fd, err));
    bool v6 = strchr(hub->address.host, ':') != NULL;
    snprintf(hub->address_text, sizeof hub->address_text, v6 ? "[%s]:%d" : "%s:%d",
             hub->address.host, hub->address.port);
    hub->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    hub->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (hub->epoll_fd < 0 || hub->stop_fd < 0)
        return LV_FAIL(err, LV_IO, "cannot make an epoll: %s", strerrordesc_np(errno));
    hub->accepting = true;
    watch(hub, hub->listen_fd, EPOLLIN, &hub->listen_fd, true);
    watch(hub, hub->stop_fd, EPOLLIN, &hub->stop_fd, true);
    return LV_OK;
}

lv_status lv_hub_open(const lv_hub_options *options, lv_hub **hub, lv_error *err)
{
    lv_host_port listen_at;
    lv_host_port advertised = {.port = 0};
    LV_TRY(check_options(options, err));
    LV_TRY(lv_host_port_parse(options->listen, &listen_at, err));
    if (options->advertise)
        LV_TRY(lv_host_port_parse(options->advertise, &advertised, err));
    raise_file_limit();
    lv_hub *h = calloc(1, sizeof *h);
    LV_ASSERT(h != NULL);
    h->epoll_fd = h->listen_fd = h->stop_fd = -1;
    h->address = listen_at;
    h->advertised = advertised;
    lv_status status = lv_broker_open(&h->broker, options, err);
    if (status != LV_OK) {
        free(h);
        return status;
    }
    if ((status = open_sockets(h, err)) != LV_OK) {
        lv_hub_close(h);
        return status;
    }
    *hub = h;
    return LV_OK;
}

const char *lv_hub_address(const lv_hub *hub)
{
    return hub->address_text;
}

int lv_hub_port(const lv_hub *hub)
{
    return hub->address.port;
}

void lv_hub_stop(lv_hub *hub)
{
    atomic_store(&hub->stopping, true);
    uint64_t one = 1;
    ssize_t n = write(hub->stop_fd, &one, sizeof one);
    (void)n;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void lv_hub_close(lv_hub *hub)
{
    if (hub == NULL)
        return;
    while (hub->connections) {
        hub->connections->in_turn = false;
        close_connection(hub->connections);
    }
    close_fd(hub->listen_fd);
    close_fd(hub->epoll_fd);
    close_fd(hub->stop_fd);
    lv_broker_close(&hub->broker, true);
    free(hub);
}
