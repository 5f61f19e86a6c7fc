/* dictionary_numbers.inc.h: adding numbers of one size to a dictionary.
 * Parameters: TYPE, NAME(x) that appends the type to x. */

/* Rehashes into more slots. */
static LV_NOINLINE void NAME(grow)(lv_pq_dictionary *d)
{
    clear_slots(d, next_slot_count(d));
    const TYPE *keys = (const TYPE *)(const void *)d->body.ptr;
    for (uint32_t code = 0; code < d->count; code++) {
        uint32_t at = NAME(hash)(keys[code]) & d->slot_mask;
        while (d->slots[at] != LV_PQ_NO_CODE)
            at = (at + 1) & d->slot_mask;
        d->slots[at] = code;
    }
}

static LV_NOINLINE uint32_t NAME(add)(lv_pq_dictionary *d, TYPE value)
{
    const TYPE *keys = (const TYPE *)(const void *)d->body.ptr;
    uint32_t at = NAME(hash)(value) & d->slot_mask, code;
    while ((code = d->slots[at]) != LV_PQ_NO_CODE) {
        if (keys[code] == value)
            return code;
        at = (at + 1) & d->slot_mask;
    }
    d->slots[at] = code = d->count++;
    lv_sbuf_add(&d->body, &value, sizeof value);
    if (d->count * LOAD_MAX > d->slot_mask)
        NAME(grow)(d);
    return code;
}

/* Looks at the first slot of each value without a branch, and only then, one by one, at those
 * that were not found there. A free slot reads as code 0: if its value is the one looked for,
 * then 0 is its code. */
static void NAME(add_block)(lv_pq_dictionary *d, const TYPE *values, unsigned count,
                            uint32_t *codes)
{
    const TYPE *keys = (const TYPE *)(const void *)d->body.ptr;
    const uint32_t *slots = d->slots;
    uint32_t mask = d->slot_mask;
    uint16_t missed[BLOCK];
    unsigned missed_count = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t code = slots[NAME(hash)(values[i]) & mask];
        code = code == LV_PQ_NO_CODE ? 0 : code;
        codes[i] = code;
        missed[missed_count] = (uint16_t)i;
        missed_count += keys[code] != values[i];
    }
    for (unsigned m = 0; m < missed_count; m++)
        codes[missed[m]] = NAME(add)(d, values[missed[m]]);
}

static void NAME(add_all)(lv_pq_dictionary *d, const TYPE *values, size_t count, uint32_t *codes)
{
    if (count > 0 && d->count == 0)
        NAME(add)(d, values[0]); /* keys[0] may be looked at from now on */
    for (size_t i = 0; i < count; i += BLOCK)
        NAME(add_block)(d, values + i, (unsigned)LV_MIN(count - i, (size_t)BLOCK), codes + i);
}
