/* syncer.c: fdatasync in a thread of its own. */
#include "hub/syncer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "base/queue.h"
#include "os/os.h"

enum { QUEUE_LENGTH = 4096 };

struct lv_syncer {
    lv_queue *queue; /* of descriptors plus one, because NULL is no item */
    pthread_t thread;
    atomic_bool failed;
};

static void *run(void *arg)
{
    lv_syncer *syncer = arg;
    void *item;
    while ((item = lv_queue_pop(syncer->queue)) != NULL) {
        int fd = (int)((intptr_t)item - 1);
        if (fdatasync(fd) != 0 && errno != EINVAL) {
            lv_log(LV_LOG_ERROR, "hub", "fdatasync failed: %s", strerrordesc_np(errno));
            atomic_store(&syncer->failed, true);
        }
        close(fd);
    }
    return NULL;
}

lv_status lv_syncer_new(lv_syncer **syncer, lv_error *err)
{
    lv_syncer *s = calloc(1, sizeof *s);
    LV_ASSERT(s != NULL);
    s->queue = lv_queue_new(QUEUE_LENGTH);
    lv_status status = lv_thread_start(&s->thread, "hub-sync", run, s, err);
    if (status != LV_OK) {
        lv_queue_free(s->queue);
        free(s);
        return status;
    }
    *syncer = s;
    return LV_OK;
}

void lv_syncer_free(lv_syncer *syncer)
{
    if (syncer == NULL)
        return;
    lv_queue_close(syncer->queue);
    pthread_join(syncer->thread, NULL);
    lv_queue_free(syncer->queue);
    free(syncer);
}

static void push(lv_syncer *syncer, int fd)
{
    if (fd >= 0 && !lv_queue_push(syncer->queue, (void *)((intptr_t)fd + 1)))
        close(fd);
}

void lv_syncer_add(lv_syncer *syncer, int fd)
{
    push(syncer, fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

void lv_syncer_add_path(lv_syncer *syncer, const char *path)
{
    push(syncer, open(path, O_RDONLY | O_CLOEXEC));
}

bool lv_syncer_has_failed(const lv_syncer *syncer)
{
    return atomic_load(&syncer->failed);
}
