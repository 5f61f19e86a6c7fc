/* codec.h: the codecs of record batches. Private to kafka/. */
#ifndef LV_KAFKA_CODEC_H
#define LV_KAFKA_CODEC_H

#include "kafka/records.h"

typedef struct lv_deflater lv_deflater;

lv_deflater *lv_deflater_new(void);
void lv_deflater_free(lv_deflater *deflater);
/** Appends `bytes`, compressed, to `out`. */
LV_MUST_USE lv_status lv_deflate(lv_deflater *deflater, lv_kafka_codec codec, lv_str bytes,
                                 lv_sbuf *out, lv_error *err);

#endif
