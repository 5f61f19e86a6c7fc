/* queue.c: a ring under one mutex with two conditions. Hand-overs happen per batch, not per row. */
#include "base/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"

struct lv_queue {
    pthread_mutex_t mutex; /* guards everything below */
    pthread_cond_t not_empty;
    pthread_cond_t not_full;
    size_t capacity;
    size_t count;
    size_t head;
    bool closed;
    void *items[];
};

lv_queue *lv_queue_new(size_t capacity)
{
    LV_ASSERT(capacity > 0);
    lv_queue *q = calloc(1, sizeof *q + capacity * sizeof q->items[0]);
    LV_ASSERT(q != NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&q->mutex, NULL);
    pthread_cond_init(&q->not_empty, &monotonic);
    pthread_cond_init(&q->not_full, &monotonic);
    pthread_condattr_destroy(&monotonic);
    q->capacity = capacity;
    return q;
}

void lv_queue_free(lv_queue *q)
{
    if (q == NULL)
        return;
    pthread_cond_destroy(&q->not_full);
    pthread_cond_destroy(&q->not_empty);
    pthread_mutex_destroy(&q->mutex);
    free(q);
}

bool lv_queue_push(lv_queue *q, void *item)
{
    LV_ASSERT(item != NULL);
    pthread_mutex_lock(&q->mutex);
    while (q->count == q->capacity && !q->closed)
        pthread_cond_wait(&q->not_full, &q->mutex);
    bool open = !q->closed;
    if (open) {
        q->items[(q->head + q->count++) % q->capacity] = item;
        pthread_cond_signal(&q->not_empty);
    }
    pthread_mutex_unlock(&q->mutex);
    return open;
}

static void *pop_until(lv_queue *q, const struct timespec *deadline)
{
    pthread_mutex_lock(&q->mutex);
    int timed_out = 0;
    while (q->count == 0 && !q->closed && !timed_out)
        timed_out = deadline ? pthread_cond_timedwait(&q->not_empty, &q->mutex, deadline)
                             : pthread_cond_wait(&q->not_empty, &q->mutex);
    void *item = NULL;
    if (q->count > 0) {
        item = q->items[q->head];
        q->head = (q->head + 1) % q->capacity;
        q->count--;
        pthread_cond_signal(&q->not_full);
    }
    pthread_mutex_unlock(&q->mutex);
    return item;
}

void *lv_queue_pop(lv_queue *q)
{
    return pop_until(q, NULL);
}

void *lv_queue_pop_timed(lv_queue *q, int64_t timeout_ms)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += timeout_ms % 1000 * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    return pop_until(q, &deadline);
}

void lv_queue_close(lv_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    q->closed = true;
    pthread_cond_broadcast(&q->not_empty);
    pthread_cond_broadcast(&q->not_full);
    pthread_mutex_unlock(&q->mutex);
}
