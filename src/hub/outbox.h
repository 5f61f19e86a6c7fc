/* outbox.h: what a connection has to send: bytes, and slices of log files between them.
 *
 * Slices go out by sendfile(2), from the page cache to the socket without a copy; small ones are
 * cheaper read into the bytes, which lv_outbox_add_slice decides. */
#ifndef LV_HUB_OUTBOX_H
#define LV_HUB_OUTBOX_H

#include "base/str.h"
#include "hub/partition.h"

typedef struct lv_outbox_slice {
    size_t at; /* the slice goes before this byte */
    lv_log_slice slice;
} lv_outbox_slice;

typedef struct lv_outbox {
    lv_sbuf bytes;
    size_t sent;             /* of bytes */
    lv_outbox_slice *slices; /* owned */
    size_t slice_first;      /* not sent whole yet */
    size_t slice_count;
    size_t slice_capacity;
} lv_outbox;

typedef enum lv_outbox_state {
    LV_OUTBOX_EMPTY,
    LV_OUTBOX_BLOCKED,
    LV_OUTBOX_BROKEN
} lv_outbox_state;

void lv_outbox_release(lv_outbox *outbox);
static inline bool lv_outbox_is_empty(const lv_outbox *outbox)
{
    return outbox->sent == outbox->bytes.len && outbox->slice_first == outbox->slice_count;
}
/** Adds a slice behind the bytes added so far; the outbox takes over its segment reference. False when
 *  a file cannot be read: the connection is then of no more use. */
LV_MUST_USE bool lv_outbox_add_slice(lv_outbox *outbox, lv_log_slice slice);
/** Sends to a non-blocking socket until empty or blocked. */
lv_outbox_state lv_outbox_send(lv_outbox *outbox, int socket);

#endif
