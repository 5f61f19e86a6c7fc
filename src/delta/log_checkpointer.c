/* log_checkpointer.c: when to write a checkpoint, and the thread that does; see log_checkpoint.h.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/check.h"
#include "delta/log_checkpoint.h"
#include "delta/properties.h"
#include "os/os.h"

static const int64_t SECOND_NS = 1000000000;
static const int64_t HOUR_NS = 3600 * SECOND_NS;

typedef struct lv_log_checkpoint_job {
    lv_store *store;
    lv_arena arena;
    lv_snapshot_view view;
    bool clean; /* the log afterwards */
    lv_status status;
    lv_error error;
    int64_t duration_ns;
    atomic_bool done;
} lv_log_checkpoint_job;

bool lv_log_checkpoint_is_due(const lv_metadata *metadata, int64_t commits, int64_t elapsed_ns,
                              int64_t duration_ns, int64_t live)
{
    int64_t interval = lv_property_long(metadata, "delta.checkpointInterval", 0);
    if (interval > 0)
        return commits >= interval;
    /* Delta's 10 commits are a second of a fast stream. What counts is how many commits a reader
     * has to go through, and that writing takes no more than a fiftieth of the time. */
    bool is_time = elapsed_ns >= LV_MAX(30 * SECOND_NS, 50 * duration_ns);
    return (commits >= 10 && is_time) || commits >= LV_MAX(200, live / 10);
}

static void *run(void *arg)
{
    lv_log_checkpoint_job *job = arg;
    int64_t began = lv_mono_ns();
    job->status = lv_log_checkpoint_write(job->store, &job->view, &job->error);
    if (job->status == LV_OK && job->clean)
        job->status = lv_log_clean(job->store, job->view.metadata, lv_now_us() / 1000, &job->error);
    job->duration_ns = lv_mono_ns() - began;
    atomic_store(&job->done, true);
    return NULL;
}

void lv_log_checkpointer_wait(lv_log_checkpointer *c)
{
    if (c->job == NULL)
        return;
    pthread_join(c->thread, NULL);
    c->error = c->job->error;
    c->duration_ns = c->job->duration_ns;
    if (c->job->status == LV_OK)
        c->version = LV_MAX(c->version, c->job->view.version);
    lv_arena_release(&c->job->arena);
    free(c->job);
    c->job = NULL;
}

static void start(lv_log_checkpointer *c, lv_store *store, const lv_snapshot *snapshot,
                  int64_t now_ns)
{
    lv_log_checkpoint_job *job = calloc(1, sizeof *job);
    LV_ASSERT(job != NULL);
    job->store = store;
    job->error = LV_ERROR_INIT;
    job->clean = c->cleaned_ns < 0 || now_ns - c->cleaned_ns > HOUR_NS;
    lv_arena_init(&job->arena);
    lv_snapshot_freeze(snapshot, &job->arena, &job->view);
    c->begun_ns = now_ns;
    c->cleaned_ns = job->clean ? now_ns : c->cleaned_ns;
    lv_error_clear(&c->error);
    if (lv_thread_start(&c->thread, "levada-ckpt", run, job, &c->error) != LV_OK) {
        lv_arena_release(&job->arena);
        free(job);
        return;
    }
    c->job = job;
}

void lv_log_checkpointer_commit(lv_log_checkpointer *c, lv_store *store, lv_snapshot *snapshot)
{
    if (c->job != NULL && !atomic_load(&c->job->done))
        return;
    lv_log_checkpointer_wait(c);
    int64_t now_ns = lv_mono_ns();
    int64_t week_ms = 7 * 86400000LL;
    int64_t retention_ms =
        lv_property_interval_ms(snapshot->metadata, "delta.deletedFileRetentionDuration", week_ms);
    lv_snapshot_rebuild(snapshot, lv_now_us() / 1000 - retention_ms);
    if (lv_log_checkpoint_is_due(snapshot->metadata, snapshot->version - c->version,
                                 now_ns - c->begun_ns, c->duration_ns, snapshot->live_count))
        start(c, store, snapshot, now_ns);
}
