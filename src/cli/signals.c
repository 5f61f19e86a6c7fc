/* signals.c: SIGINT and SIGTERM end what a verb is doing, in good order; the second one at once.
 *
 * One thread waits for the signals, which every other thread blocks, so that whatever `stop` does
 * need not be fit for a signal handler. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "os/os.h"

static struct {
    pthread_mutex_t mutex; /* guards the rest: stop is not called while it is taken back */
    void (*stop)(void *context);
    void *context;
} watch = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static sigset_t ending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

static void *wait_for_signals(void *arg)
{
    sigset_t set = ending_signals();
    int number;
    if (sigwait(&set, &number) == 0) {
        pthread_mutex_lock(&watch.mutex);
        if (watch.stop != NULL)
            watch.stop(watch.context);
        pthread_mutex_unlock(&watch.mutex);
    }
    if (sigwait(&set, &number) == 0)
        _exit(128 + number);
    return NULL;
}

void lv_cli_block_signals(void)
{
    sigset_t set = ending_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

lv_status lv_cli_watch_signals(void (*stop)(void *context), void *context, lv_error *err)
{
    pthread_t thread;
    watch.stop = stop;
    watch.context = context;
    LV_TRY(lv_thread_start(&thread, "levada-signals", wait_for_signals, NULL, err));
    pthread_detach(thread);
    return LV_OK;
}

void lv_cli_unwatch_signals(void)
{
    pthread_mutex_lock(&watch.mutex);
    watch.stop = NULL;
    pthread_mutex_unlock(&watch.mutex);
}
