/* broker.h: the hub without its sockets: sessions hand in request frames and get answers.
 *
 * One request of a session is worked on at a time, in the order they came, as Kafka does. Almost all
 * are answered at once; a fetch that finds too little waits (LV_SERVED_WAITING) until its partitions
 * grow or its time is up, and holds the session's later requests back.
 *
 * A turn of the loop: lv_broker_serve for each frame that came, then lv_broker_settle, then send.
 *
 * @thread the hub's loop. */
#ifndef LV_HUB_BROKER_H
#define LV_HUB_BROKER_H

#include "base/bytes.h"
#include "hub/outbox.h"
#include "hub/topics.h"
#include "kafka/protocol.h"

enum {
    LV_BROKER_NODE_ID = 0,
    LV_BROKER_LEADER_EPOCH = 0,
    LV_FRAME_MAX = 100 * 1024 * 1024,     /* of Produce; Kafka's own limit */
    LV_FRAME_MAX_OTHER = 4 * 1024 * 1024, /* of every other request */
    LV_FRAME_MAX_STRANGER = 64 * 1024,    /* before authentication */
    LV_FETCH_BYTES_MAX = 64 * 1024 * 1024,
};

typedef struct lv_fetch lv_fetch;

typedef struct lv_broker {
    lv_hub_options options;
    lv_topics topics;
    lv_syncer *syncer;
    lv_partition *changed;    /* appended to in this turn */
    lv_fetch *waiting;        /* all fetches that wait */
    lv_fetch *ready;          /* of these, the ones worth another look */
    int64_t next_deadline_ms; /* monotonic; not later than the earliest one of `waiting` */
    int64_t now_ms;           /* wall clock of this turn */
    int64_t mono_ms;          /* monotonic clock of this turn */
    bool failed;              /* the disk refused what was promised: stop */
} lv_broker;

typedef enum lv_sasl_state {
    LV_SASL_NONE,
    LV_SASL_EXPECTED,
    LV_SASL_RAW,
    LV_SASL_DONE
} lv_sasl_state;

/** One client connection. All zero but for the address is a new one. */
typedef struct lv_session {
    lv_sasl_state sasl;
    bool authenticated;
    const char *host; /* what Metadata tells this client, borrowed */
    int port;
    lv_outbox outbox;
    lv_arena arena;   /* of the current request */
    lv_fetch *fetch;  /* that waits, else NULL */
    bool broken;      /* nothing more can be sent: close */
    void *connection; /* the server's */
} lv_session;

typedef enum lv_served {
    LV_SERVED,         /* the answer, if any, is in the outbox */
    LV_SERVED_WAITING, /* it comes later, by lv_broker_settle */
    LV_SERVED_HANG_UP, /* send what is in the outbox, then close */
} lv_served;

LV_MUST_USE lv_status lv_broker_open(lv_broker *broker, const lv_hub_options *options,
                                     lv_error *err);
/** `clean` marks the folder so that the next start trusts it. No session may be left. */
void lv_broker_close(lv_broker *broker, bool clean);
/** Reads the clocks: once per turn. */
void lv_broker_tick(lv_broker *broker);
/** Largest frame that may begin like this. `head` has the first two bytes of a frame, its API key. */
int64_t lv_broker_frame_max(const lv_broker *broker, const lv_session *session,
                            const uint8_t head[2]);

void lv_session_init(lv_session *session, const lv_broker *broker, const char *host, int port,
                     void *connection);
/** Drops a waiting fetch and everything unsent. */
void lv_session_release(lv_session *session);
/** Works on one request frame (without its size). Record batches in it are stamped in place. The session
 *  must not be waiting. */
lv_served lv_broker_serve(lv_broker *broker, lv_session *session, uint8_t *frame, size_t len);
/** Ends a turn: makes appends durable if they must be, shows them to readers, and answers fetches that are
 *  ready or out of time. `answered` is called for each session that got its answer. */
void lv_broker_settle(lv_broker *broker, void (*answered)(lv_session *session));
/** Milliseconds until a fetch runs out of time; -1: none waits. */
int64_t lv_broker_wait_ms(const lv_broker *broker);
/** Retention and other chores; about once a second. */
void lv_broker_tend(lv_broker *broker);

#endif
