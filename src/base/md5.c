/* md5.c: see md5.h. */
#include "base/md5.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static uint32_t rotate(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

/* One block of 64 bytes. Step i adds floor(2^32 · |sin(i + 1)|). */
static void add_block(uint32_t state[4], const uint8_t *block)
{
    static const int shifts[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (int i = 0; i < 64; i++) {
        const uint32_t mixes[4] = {(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)};
        const int words[4] = {i, (5 * i + 1) % 16, (3 * i + 5) % 16, (7 * i) % 16};
        int round = i / 16;
        uint32_t word;
        memcpy(&word, block + 4 * words[round], sizeof word);
        uint32_t sum = a + mixes[round] + (uint32_t)(fabs(sin(i + 1)) * 4294967296.0) + word;
        a = d;
        d = c;
        c = b;
        b += rotate(sum, shifts[round][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void lv_md5_hex(const void *bytes, size_t len, char out[33])
{
    uint32_t state[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
    const uint8_t *p = bytes;
    size_t left = len;
    for (; left >= 64; left -= 64, p += 64)
        add_block(state, p);
    uint8_t tail[128] = {0};
    uint64_t bits = (uint64_t)len * 8;
    size_t tail_len = left < 56 ? 64 : 128;
    if (left > 0)
        memcpy(tail, p, left);
    tail[left] = 0x80;
    memcpy(tail + tail_len - 8, &bits, sizeof bits);
    for (size_t i = 0; i < tail_len; i += 64)
        add_block(state, tail + i);
    const uint8_t *digest = (const uint8_t *)state;
    for (int i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}
