/* delta_stats.h: the statistics of a data file as Delta's JSON. Private to delta/. */
#ifndef LV_DELTA_DELTA_STATS_H
#define LV_DELTA_DELTA_STATS_H

#include "parquet/parquet.h"

/** Adds {"numRecords":..,"minValues":{..},"maxValues":{..},"nullCount":{..}} of a file. `indexed`:
 * one flag per leaf, which of them have values. Strings are cut to `prefix` characters (UTF-16
 * units). Source: PROTOCOL.md, "Per-file Statistics"; StatisticsCollection.scala for truncation. */
void lv_delta_stats_print(const lv_parquet_file_info *info, const bool *indexed, int prefix,
                          lv_sbuf *out);

#endif
