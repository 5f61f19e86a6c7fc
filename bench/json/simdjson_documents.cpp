// simdjson_documents.cpp: the job of levada_documents.c by hand, with simdjson's On-Demand interface: the same fields into
// columns of the same kinds, strings with their bytes, a validity byte for each value.
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

using namespace simdjson;

namespace {

template <typename T> struct column {
    std::vector<T> values;
    std::vector<uint8_t> valid;
    void add(T value)
    {
        values.push_back(value);
        valid.push_back(1);
    }
    void clear()
    {
        values.clear();
        valid.clear();
    }
};

struct text_column {
    std::vector<char> bytes;
    std::vector<uint32_t> ends;
    std::vector<uint8_t> valid;
    void add(std::string_view s)
    {
        bytes.insert(bytes.end(), s.begin(), s.end());
        ends.push_back(static_cast<uint32_t>(bytes.size()));
        valid.push_back(1);
    }
    void clear()
    {
        bytes.clear();
        ends.clear();
        valid.clear();
    }
};

struct columns {
    column<double> d[4];
    column<int64_t> i[2];
    column<uint8_t> b;
    text_column s[3];
    std::vector<int32_t> offsets;
    void clear()
    {
        for (auto &c : d)
            c.clear();
        for (auto &c : i)
            c.clear();
        b.clear();
        for (auto &c : s)
            c.clear();
        offsets.clear();
    }
};

struct sums {
    double doubles = 0;
    int64_t integers = 0;
    uint64_t bytes = 0;
    void add(const columns &c)
    {
        for (auto &x : c.d)
            for (double v : x.values)
                doubles += v;
        for (auto &x : c.i)
            for (int64_t v : x.values)
                integers += v;
        for (uint8_t v : c.b.values)
            integers += v;
        for (auto &x : c.s)
            for (char v : x.bytes)
                bytes += static_cast<unsigned char>(v);
    }
};

void flat(ondemand::object o, columns &c)
{
    c.s[0].add(o["deviceId"].get_string().value());
    c.d[0].add(o["temperature"].get_double().value());
    c.d[1].add(o["humidity"].get_double().value());
    c.d[2].add(o["pressure"].get_double().value());
    c.s[1].add(o["at"].get_string().value());
}

void nested(ondemand::object o, columns &c)
{
    c.i[0].add(o["id"].get_int64().value());
    ondemand::object device = o["device"].get_object();
    c.s[0].add(device["name"].get_string().value());
    ondemand::object site = device["site"].get_object();
    c.s[1].add(site["city"].get_string().value());
    ondemand::object geo = site["geo"].get_object();
    c.d[0].add(geo["lat"].get_double().value());
    c.d[1].add(geo["lon"].get_double().value());
    ondemand::object reading = o["reading"].get_object();
    c.d[2].add(reading["t"].get_double().value());
    c.b.add(reading["ok"].get_bool().value());
}

void escaped(ondemand::object o, columns &c)
{
    c.i[0].add(o["id"].get_int64().value());
    c.s[0].add(o["message"].get_string().value());
    c.s[1].add(o["path"].get_string().value());
}

void long_(ondemand::object o, columns &c)
{
    c.i[0].add(o["first"].get_int64().value());
    c.s[0].add(o["middle"].get_string().value());
    c.d[0].add(o["last"].get_double().value());
}

void items(ondemand::object o, columns &c)
{
    c.i[0].add(o["id"].get_int64().value());
    int32_t n = 0;
    for (ondemand::object item : o["items"].get_array()) {
        c.i[1].add(item["n"].get_int64().value());
        c.d[0].add(item["price"].get_double().value());
        c.s[0].add(item["name"].get_string().value());
        n++;
    }
    c.offsets.push_back(n);
}

double cpu_seconds()
{
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    void (*job)(ondemand::object, columns &) = nullptr;
    std::string_view shape = argv[1];
    if (shape == "flat")
        job = flat;
    else if (shape == "nested")
        job = nested;
    else if (shape == "escaped")
        job = escaped;
    else if (shape == "long")
        job = long_;
    else if (shape == "items")
        job = items;
    else
        return 2;
    padded_string file = padded_string::load(argv[2]).value();
    std::vector<std::string_view> lines;
    for (const char *p = file.data(), *end = p + file.size(); p < end;) {
        const char *line_end = static_cast<const char *>(memchr(p, '\n', static_cast<size_t>(end - p)));
        lines.emplace_back(p, static_cast<size_t>(line_end - p));
        p = line_end + 1;
    }
    const size_t padding = SIMDJSON_PADDING;
    ondemand::parser parser;
    columns c;
    sums s;
    double best = 1e9;
    for (int pass = 0; pass <= (argc > 3 ? atoi(argv[3]) : 9); pass++) {
        double begin = cpu_seconds();
        for (size_t at = 0; at < lines.size(); at += 4096) {
            c.clear();
            for (size_t i = at; i < std::min(lines.size(), at + 4096); i++) {
                // Bytes behind a line may be read: those of the next ones, and the file is padded.
                ondemand::document doc =
                    parser.iterate(padded_string_view(lines[i].data(), lines[i].size(), lines[i].size() + padding));
                job(doc.get_object(), c);
            }
            if (pass == 0)
                s.add(c);
        }
        if (pass > 0)
            best = std::min(best, cpu_seconds() - begin);
    }
    printf("{\"ns\": %.1f, \"sums\": [%.6f, %lld, %llu]}\n", best * 1e9 / static_cast<double>(lines.size()), s.doubles,
           static_cast<long long>(s.integers), static_cast<unsigned long long>(s.bytes));
    return 0;
}
