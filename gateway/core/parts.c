#include "core/parts.h"
#include "base/utf8.h"

#define CUT "〔内容过长，其余从略〕"

static void cut(struct text *out, size_t max_points)
{
    const size_t room = utf8_count(STR(CUT));
    struct str all = text_str(out);
    if (max_points <= room || utf8_count(all) <= max_points) return;
    out->n = utf8_prefix(all, max_points - room);
    text_addz(out, CUT);
}

unsigned parts_join(const struct part_text *parts, size_t n, unsigned total, size_t max_points,
                    struct text *out)
{
    unsigned missing = 0;
    size_t at = 0;
    for (unsigned i = 1; i <= total; i++) {
        if (at < n && parts[at].index == i) {
            text_add(out, parts[at++].words);
            continue;
        }
        text_addf(out, "〔缺第%u段，共%u段〕", i, total);
        missing++;
    }
    cut(out, max_points);
    return missing;
}

void parts_join_late(const struct part_text *parts, size_t n, unsigned total, size_t max_points,
                     struct text *out)
{
    for (size_t i = 0; i < n; i++) {
        text_addf(out, "〔迟到的第%u段，共%u段〕", parts[i].index, total);
        text_add(out, parts[i].words);
    }
    cut(out, max_points);
}
