/* thread.c: threads and the processor. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "os/os.h"

lv_status lv_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *arg,
                          lv_error *err)
{
    /* Signals are the main thread's business: a new thread inherits the full mask. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int e = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (e != 0)
        return LV_FAIL(err, LV_IO, "cannot start thread %s: %s", name, strerrordesc_np(e));
    pthread_setname_np(*thread, name);
    return LV_OK;
}

int lv_cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return LV_MAX(CPU_COUNT(&set), 1);
}

bool lv_cpu_has_avx2(void)
{
    const char *wish = getenv("LEVADA_CPU");
    if (wish != NULL && strcmp(wish, "baseline") == 0)
        return false;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}
