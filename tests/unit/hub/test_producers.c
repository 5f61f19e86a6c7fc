/* test_producers.c: which batches of an idempotent producer are new, duplicates or out of order. */
#include "unit.h"

#include "hub/producers.h"
#include "kafka/protocol.h"

static int16_t send_batch(lv_producers *producers, int64_t id, int16_t epoch, int32_t first,
                          int32_t count, int64_t offset, int64_t *where)
{
    lv_producer_claim claim = {id, epoch, first, count};
    int16_t verdict = lv_producers_check(producers, &claim, where);
    if (verdict == LV_KAFKA_ERROR_NONE) {
        lv_producers_record(producers, &claim, offset, offset);
        *where = offset;
    }
    return verdict;
}

static void duplicates_get_their_first_offset(void **state)
{
    lv_producers p = {0};
    int64_t where;
    for (int i = 0; i < 7; i++)
        assert_int_equal(send_batch(&p, 9, 0, i * 10, 10, 1000 + i, &where), LV_KAFKA_ERROR_NONE);
    for (int i = 2; i < 7; i++) {
        assert_int_equal(send_batch(&p, 9, 0, i * 10, 10, 9999, &where),
                         LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER);
        assert_int_equal(where, 1000 + i);
    }
    /* The first two are forgotten; the sixth with another length was never sent. */
    assert_int_equal(send_batch(&p, 9, 0, 10, 10, 9999, &where),
                     LV_KAFKA_ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send_batch(&p, 9, 0, 50, 9, 9999, &where),
                     LV_KAFKA_ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send_batch(&p, 9, 0, 71, 1, 9999, &where),
                     LV_KAFKA_ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send_batch(&p, 9, 0, 70, 1, 2000, &where), LV_KAFKA_ERROR_NONE);
    lv_producers_release(&p);
}

static void epochs_only_rise(void **state)
{
    lv_producers p = {0};
    int64_t where;
    assert_int_equal(send_batch(&p, 1, 3, 500, 1, 0, &where), LV_KAFKA_ERROR_NONE);
    assert_int_equal(send_batch(&p, 1, 2, 501, 1, 1, &where),
                     LV_KAFKA_ERROR_INVALID_PRODUCER_EPOCH);
    assert_int_equal(send_batch(&p, 1, 4, 501, 1, 1, &where),
                     LV_KAFKA_ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send_batch(&p, 1, 4, 0, 1, 1, &where), LV_KAFKA_ERROR_NONE);
    assert_int_equal(send_batch(&p, 1, 4, 0, 1, 2, &where),
                     LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER);
    lv_producers_release(&p);
}

static void sequences_wrap(void **state)
{
    lv_producers p = {0};
    int64_t where;
    assert_int_equal(send_batch(&p, 1, 0, INT32_MAX - 1, 4, 0, &where), LV_KAFKA_ERROR_NONE);
    assert_int_equal(send_batch(&p, 1, 0, INT32_MAX - 1, 4, 4, &where),
                     LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER);
    assert_int_equal(send_batch(&p, 1, 0, 2, 1, 4, &where), LV_KAFKA_ERROR_NONE);
    lv_producers_release(&p);
}

static void batches_without_a_producer_always_pass(void **state)
{
    lv_producers p = {0};
    int64_t where;
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_batch(&p, -1, -1, -1, 5, i, &where), LV_KAFKA_ERROR_NONE);
    assert_int_equal(p.count, 0);
    lv_producers_release(&p);
}

static void many_producers_stay_bounded_and_idle_ones_go(void **state)
{
    lv_producers p = {0};
    int64_t where;
    for (int64_t id = 0; id < LV_PRODUCERS_MAX + 1000; id++)
        assert_int_equal(send_batch(&p, id, 0, 0, 1, id, &where), LV_KAFKA_ERROR_NONE);
    assert_true(p.count <= LV_PRODUCERS_MAX);
    int64_t last = LV_PRODUCERS_MAX + 999;
    assert_int_equal(send_batch(&p, last, 0, 0, 1, 0, &where),
                     LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER);
    lv_producers_expire(&p, last);
    assert_int_equal(p.count, 1);
    assert_int_equal(send_batch(&p, last, 0, 0, 1, 0, &where),
                     LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER);
    lv_producers_release(&p);
}

static void snapshots_return_and_damage_is_seen(void **state)
{
    lv_producers p = {0};
    lv_producers q = {0};
    int64_t where;
    for (int64_t id = 0; id < 300; id++) {
        for (int32_t i = 0; i <= id % 7; i++)
            send_batch(&p, id, (int16_t)(id % 3), i, 1, id * 10 + i, &where);
    }
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_producers_encode(&p, &bytes);
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_producers_decode(&q, lv_sbuf_str(&bytes), &err));
    assert_int_equal(q.count, 300);
    for (int64_t id = 0; id < 300; id++) {
        assert_int_equal(send_batch(&q, id, (int16_t)(id % 3), (int32_t)(id % 7), 1, 0, &where),
                         LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER);
        assert_int_equal(where, id * 10 + id % 7);
    }
    lv_producers_release(&q);
    for (size_t i = 0; i < bytes.len; i += 97) {
        bytes.ptr[i] ^= 1;
        assert_int_equal(lv_producers_decode(&q, lv_sbuf_str(&bytes), NULL), LV_CORRUPT);
        bytes.ptr[i] ^= 1;
        assert_int_equal(lv_producers_decode(&q, (lv_str){bytes.ptr, i}, NULL), LV_CORRUPT);
    }
    assert_int_equal(q.count, 0);
    lv_producers_release(&p);
    lv_sbuf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duplicates_get_their_first_offset),
        cmocka_unit_test(epochs_only_rise),
        cmocka_unit_test(sequences_wrap),
        cmocka_unit_test(batches_without_a_producer_always_pass),
        cmocka_unit_test(many_producers_stay_bounded_and_idle_ones_go),
        cmocka_unit_test(snapshots_return_and_damage_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
