/* ticker.c: one line on the terminal that says how far a long statement is; see shell.h. */
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/shell.h"
#include "os/os.h"

struct lv_ticker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool stop; /* guarded by mutex */
    lv_exec_watch *watch;
    int64_t start_ns;
};

static void show(const lv_ticker *t)
{
    double seconds = (double)(lv_mono_ns() - t->start_ns) / 1e9;
    double rows = (double)atomic_load(&t->watch->rows);
    fprintf(stderr, "\r\033[K%.2f million rows read, %.1f s, %.2f million/s", rows / 1e6, seconds,
            rows / 1e6 / seconds);
}

/* Waits until `at_ns` or the end; true: the end. */
static bool wait_until(lv_ticker *t, int64_t at_ns)
{
    struct timespec at = {at_ns / 1000000000, at_ns % 1000000000};
    int result = 0;
    while (!t->stop && result == 0)
        result = pthread_cond_clockwait(&t->ended, &t->mutex, CLOCK_MONOTONIC, &at);
    return t->stop;
}

static void *run(void *arg)
{
    enum { FIRST_MS = 1000, STEP_MS = 200 };
    lv_ticker *t = arg;
    pthread_mutex_lock(&t->mutex);
    bool shown = false;
    for (int64_t next = t->start_ns + FIRST_MS * 1000000LL; !wait_until(t, next);
         next += STEP_MS * 1000000LL) {
        show(t);
        shown = true;
    }
    if (shown)
        fputs("\r\033[K", stderr);
    pthread_mutex_unlock(&t->mutex);
    return NULL;
}

lv_ticker *lv_ticker_start(lv_exec_watch *watch)
{
    if (!isatty(STDERR_FILENO))
        return NULL;
    lv_ticker *t = calloc(1, sizeof *t);
    LV_ASSERT(t != NULL);
    *t = (lv_ticker){.mutex = PTHREAD_MUTEX_INITIALIZER,
                     .ended = PTHREAD_COND_INITIALIZER,
                     .watch = watch,
                     .start_ns = lv_mono_ns()};
    if (lv_thread_start(&t->thread, "levada-ticker", run, t, NULL) == LV_OK)
        return t;
    free(t);
    return NULL;
}

void lv_ticker_stop(lv_ticker *t)
{
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->mutex);
    t->stop = true;
    pthread_cond_signal(&t->ended);
    pthread_mutex_unlock(&t->mutex);
    pthread_join(t->thread, NULL);
    free(t);
}
