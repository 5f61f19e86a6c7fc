/* outbox.c: sending bytes and file slices in order. */
#include "hub/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "base/check.h"
#include "os/os.h"

enum { COPY_MAX = 16 * 1024, KEEP_MAX = 256 * 1024 };

void lv_outbox_release(lv_outbox *outbox)
{
    for (size_t i = outbox->slice_first; i < outbox->slice_count; i++)
        lv_segment_unref(outbox->slices[i].slice.segment);
    free(outbox->slices);
    lv_sbuf_release(&outbox->bytes);
    *outbox = (lv_outbox){0};
}

bool lv_outbox_add_slice(lv_outbox *outbox, lv_log_slice slice)
{
    if (slice.size_bytes <= COPY_MAX) {
        size_t len = (size_t)slice.size_bytes;
        char *room = lv_sbuf_reserve(&outbox->bytes, len);
        lv_status status =
            lv_file_pread(slice.segment->fd, slice.segment->path, room, len, slice.position, NULL);
        outbox->bytes.len += status == LV_OK ? len : 0;
        lv_segment_unref(slice.segment);
        return status == LV_OK;
    }
    if (outbox->slice_count == outbox->slice_capacity) {
        outbox->slice_capacity = LV_MAX(outbox->slice_capacity * 2, 8u);
        outbox->slices = realloc(outbox->slices, outbox->slice_capacity * sizeof outbox->slices[0]);
        LV_ASSERT(outbox->slices != NULL);
    }
    outbox->slices[outbox->slice_count++] = (lv_outbox_slice){outbox->bytes.len, slice};
    return true;
}

/* What send(2) and sendfile(2) returned, as a state; EMPTY stands for progress. */
static lv_outbox_state judge(ssize_t n)
{
    if (n > 0 || (n < 0 && errno == EINTR))
        return LV_OUTBOX_EMPTY;
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? LV_OUTBOX_BLOCKED
                                                              : LV_OUTBOX_BROKEN;
}

static lv_outbox_state send_bytes(lv_outbox *outbox, int socket, size_t end, bool more)
{
    while (outbox->sent < end) {
        ssize_t n = send(socket, outbox->bytes.ptr + outbox->sent, end - outbox->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0));
        lv_outbox_state state = judge(n);
        if (state != LV_OUTBOX_EMPTY)
            return state;
        outbox->sent += n > 0 ? (size_t)n : 0;
    }
    return LV_OUTBOX_EMPTY;
}

static lv_outbox_state send_slice(lv_log_slice *slice, int socket)
{
    while (slice->size_bytes > 0) {
        off_t position = slice->position;
        ssize_t n = sendfile(socket, slice->segment->fd, &position, (size_t)slice->size_bytes);
        lv_outbox_state state = judge(n);
        if (state != LV_OUTBOX_EMPTY)
            return state;
        slice->position += n > 0 ? n : 0;
        slice->size_bytes -= n > 0 ? n : 0;
    }
    return LV_OUTBOX_EMPTY;
}

lv_outbox_state lv_outbox_send(lv_outbox *outbox, int socket)
{
    lv_outbox_state state = LV_OUTBOX_EMPTY;
    while (outbox->slice_first < outbox->slice_count && state == LV_OUTBOX_EMPTY) {
        lv_outbox_slice *next = &outbox->slices[outbox->slice_first];
        state = send_bytes(outbox, socket, next->at, true);
        if (state == LV_OUTBOX_EMPTY)
            state = send_slice(&next->slice, socket);
        if (state == LV_OUTBOX_EMPTY) {
            lv_segment_unref(next->slice.segment);
            outbox->slice_first++;
        }
    }
    if (state == LV_OUTBOX_EMPTY)
        state = send_bytes(outbox, socket, outbox->bytes.len, false);
    if (state != LV_OUTBOX_EMPTY)
        return state;
    outbox->sent = 0;
    outbox->slice_first = outbox->slice_count = 0;
    lv_sbuf_clear(&outbox->bytes);
    if (outbox->bytes.capacity > KEEP_MAX)
        lv_sbuf_release(&outbox->bytes);
    return state;
}
