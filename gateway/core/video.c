#include "core/video.h"
#include <string.h>

/* Both formats are trees of "what, how long, content". A walk keeps its place on a small stack; a table says for every place what
 * may stay and what is looked into. */

#define DEPTH_MAX  8
#define MDATS_MAX  64
#define TRACKS_MAX 32

static u32 be32(const u8 *p) { return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3]; }
static u64 be64(const u8 *p) { return (u64)be32(p) << 32 | be32(p + 4); }

/* --- ISO base media --- */

#define FOUR(a, b, c, d) ((u32)(a) << 24 | (u32)(b) << 16 | (u32)(c) << 8 | (u32)(d))
enum place { TOP, MOOV, TRAK, MDIA, MINF, STBL, EDTS, MVEX, MOOF, TRAF, LEAF };

static const struct {
    enum place in;
    u32 type;
    enum place is;
} boxes[] = {
    {TOP, FOUR('f', 't', 'y', 'p'), LEAF},  {TOP, FOUR('s', 't', 'y', 'p'), LEAF},
    {TOP, FOUR('s', 'i', 'd', 'x'), LEAF},  {TOP, FOUR('m', 'd', 'a', 't'), LEAF},
    {TOP, FOUR('m', 'o', 'o', 'v'), MOOV},  {TOP, FOUR('m', 'o', 'o', 'f'), MOOF},
    {MOOV, FOUR('m', 'v', 'h', 'd'), LEAF}, {MOOV, FOUR('t', 'r', 'a', 'k'), TRAK},
    {MOOV, FOUR('m', 'v', 'e', 'x'), MVEX}, {MVEX, FOUR('m', 'e', 'h', 'd'), LEAF},
    {MVEX, FOUR('t', 'r', 'e', 'x'), LEAF}, {TRAK, FOUR('t', 'k', 'h', 'd'), LEAF},
    {TRAK, FOUR('e', 'd', 't', 's'), EDTS}, {TRAK, FOUR('m', 'd', 'i', 'a'), MDIA},
    {EDTS, FOUR('e', 'l', 's', 't'), LEAF}, {MDIA, FOUR('m', 'd', 'h', 'd'), LEAF},
    {MDIA, FOUR('h', 'd', 'l', 'r'), LEAF}, {MDIA, FOUR('e', 'l', 'n', 'g'), LEAF},
    {MDIA, FOUR('m', 'i', 'n', 'f'), MINF}, {MINF, FOUR('v', 'm', 'h', 'd'), LEAF},
    {MINF, FOUR('s', 'm', 'h', 'd'), LEAF}, {MINF, FOUR('h', 'd', 'l', 'r'), LEAF},
    {MINF, FOUR('d', 'i', 'n', 'f'), LEAF}, {MINF, FOUR('s', 't', 'b', 'l'), STBL},
    {STBL, FOUR('s', 't', 's', 'd'), LEAF}, {STBL, FOUR('s', 't', 't', 's'), LEAF},
    {STBL, FOUR('c', 't', 't', 's'), LEAF}, {STBL, FOUR('c', 's', 'l', 'g'), LEAF},
    {STBL, FOUR('s', 't', 's', 'c'), LEAF}, {STBL, FOUR('s', 't', 's', 'z'), LEAF},
    {STBL, FOUR('s', 't', 'z', '2'), LEAF}, {STBL, FOUR('s', 't', 'c', 'o'), LEAF},
    {STBL, FOUR('c', 'o', '6', '4'), LEAF}, {STBL, FOUR('s', 't', 's', 's'), LEAF},
    {STBL, FOUR('s', 't', 's', 'h'), LEAF}, {STBL, FOUR('s', 'd', 't', 'p'), LEAF},
    {STBL, FOUR('s', 'b', 'g', 'p'), LEAF}, {STBL, FOUR('s', 'g', 'p', 'd'), LEAF},
    {MOOF, FOUR('m', 'f', 'h', 'd'), LEAF}, {MOOF, FOUR('t', 'r', 'a', 'f'), TRAF},
    {TRAF, FOUR('t', 'f', 'h', 'd'), LEAF}, {TRAF, FOUR('t', 'f', 'd', 't'), LEAF},
    {TRAF, FOUR('t', 'r', 'u', 'n'), LEAF}, {TRAF, FOUR('s', 'b', 'g', 'p'), LEAF},
    {TRAF, FOUR('s', 'g', 'p', 'd'), LEAF},
};

struct box {
    size_t at, head, end; /* head: where its content begins */
    u32 type;
};

struct track {
    struct box box, stsd, stsc, stsz, chunks;
    u32 handler, width, height;
};

struct film {
    u8 *p;
    size_t n;
    struct track tracks[TRACKS_MAX];
    size_t n_tracks, n_mdats;
    struct {
        size_t from, to;
    } mdats[MDATS_MAX];
    bool fragments;
};

static bool box_read(const struct film *f, size_t at, size_t end, bool top, struct box *b)
{
    if (end - at < 8) return false;
    u64 size = be32(f->p + at);
    *b = (struct box){.at = at, .head = at + 8, .type = be32(f->p + at + 4)};
    if (size == 1) {
        if (end - at < 16) return false;
        size = be64(f->p + at + 8);
        b->head += 8;
    } else if (size == 0 && top) {
        size = end - at;
    }
    if (size < b->head - at || size > end - at) return false;
    b->end = at + (size_t)size;
    return true;
}

static void box_void(struct film *f, const struct box *b)
{
    memcpy(f->p + b->at + 4, "free", 4);
    memset(f->p + b->head, 0, b->end - b->head);
}

/* Creation and change times stand behind version and flags, 4 or 8 bytes each (14496-12, 8.2.2, 8.3.2, 8.4.2). */
static bool times_clear(struct film *f, const struct box *b)
{
    size_t size = b->end - b->head;
    if (size < 20) return false;
    memset(f->p + b->head + 4, 0, f->p[b->head] == 1 ? 16 : 8);
    return true;
}

static bool handler_read(struct film *f, const struct box *b, u32 *handler)
{
    if (b->end - b->head < 12) return false;
    if (handler) *handler = be32(f->p + b->head + 8);
    memset(f->p + b->head + 12, 0, b->end - b->head - 12); /* maker and name */
    return true;
}

/* References to other files keep their 12 bytes: what they say beyond is a path. */
static bool references_clear(struct film *f, const struct box *dinf)
{
    struct box dref, b;
    if (!box_read(f, dinf->head, dinf->end, false, &dref) || dref.end - dref.head < 8) return false;
    for (size_t at = dref.head + 8; at < dref.end; at = b.end) {
        if (!box_read(f, at, dref.end, false, &b)) return false;
        if (b.end - b.head > 4) memset(f->p + b.head + 4, 0, b.end - b.head - 4);
    }
    memset(f->p + dref.end, 0, dinf->end - dref.end);
    return true;
}

static bool leaf(struct film *f, const struct box *b, enum place in)
{
    struct track *t = f->n_tracks ? &f->tracks[f->n_tracks - 1] : NULL;
    switch (b->type) {
    case FOUR('m', 'd', 'a', 't'):
        if (f->n_mdats == MDATS_MAX) return false;
        f->mdats[f->n_mdats].from = b->head;
        f->mdats[f->n_mdats++].to = b->end;
        return true;
    case FOUR('t', 'k', 'h', 'd'):
        if (t && b->end - b->head >= 84) { /* 16.16 */
            t->width = be32(f->p + b->end - 8) >> 16;
            t->height = be32(f->p + b->end - 4) >> 16;
        }
        return times_clear(f, b);
    case FOUR('m', 'v', 'h', 'd'):
    case FOUR('m', 'd', 'h', 'd'):
        return times_clear(f, b);
    case FOUR('h', 'd', 'l', 'r'):
        return handler_read(f, b, in == MDIA && t ? &t->handler : NULL);
    case FOUR('d', 'i', 'n', 'f'):
        return references_clear(f, b);
    case FOUR('s', 't', 's', 'd'):
        if (t) t->stsd = *b;
        return true;
    case FOUR('s', 't', 's', 'c'):
        if (t) t->stsc = *b;
        return true;
    case FOUR('s', 't', 's', 'z'):
        if (t) t->stsz = *b;
        return true;
    case FOUR('s', 't', 'c', 'o'):
    case FOUR('c', 'o', '6', '4'):
        if (t) t->chunks = *b;
        return true;
    default:
        return true;
    }
}

static bool film_walk(struct film *f)
{
    struct {
        size_t end;
        enum place place;
    } stack[DEPTH_MAX] = {{f->n, TOP}};
    size_t depth = 0, at = 0;
    for (;;) {
        while (depth && at == stack[depth].end) depth--;
        if (depth == 0 && at == f->n) return true;
        enum place in = stack[depth].place, is = TOP;
        struct box b;
        if (!box_read(f, at, stack[depth].end, depth == 0, &b)) return false;
        for (size_t i = 0; i < ARRAY_LEN(boxes) && is == TOP; i++)
            if (boxes[i].in == in && boxes[i].type == b.type) is = boxes[i].is;
        at = b.end;
        if (is == TOP) {
            box_void(f, &b);
        } else if (is == LEAF) {
            if (!leaf(f, &b, in)) return false;
        } else {
            if (depth + 1 == DEPTH_MAX) return false;
            if (is == MOOF) f->fragments = true;
            if (is == TRAK) {
                if (f->n_tracks == TRACKS_MAX) return false;
                f->tracks[f->n_tracks++].box = b;
            }
            depth++;
            stack[depth].end = b.end;
            stack[depth].place = is;
            at = b.head;
        }
    }
}

/* The encoder's name in every picture sample entry (14496-12, 12.1.3). */
static void encoder_clear(struct film *f, const struct box *stsd)
{
    struct box b;
    if (stsd->end < stsd->head + 8) return;
    for (size_t at = stsd->head + 8; at < stsd->end && box_read(f, at, stsd->end, false, &b); at = b.end)
        if (b.end - b.at >= 86) memset(f->p + b.at + 50, 0, 32);
}

static bool blank(struct film *f, u64 from, u64 n, u64 *budget)
{
    if (n > *budget) return false; /* each byte belongs to one sample: more is an attempt to keep us busy */
    *budget -= n;
    for (size_t i = 0; i < f->n_mdats; i++) {
        if (from < f->mdats[i].from || from > f->mdats[i].to || n > f->mdats[i].to - from) continue;
        memset(f->p + from, 0, (size_t)n);
        return true;
    }
    return n == 0;
}

/* A track that has to go leaves its samples between those of the others: places and times of a camera, for one. Chunks,
 * samples in each and their sizes: 14496-12, 8.7.3 to 8.7.5. */
static bool samples_blank(struct film *f, const struct track *t)
{
    const u8 *c = f->p + t->stsc.head, *z = f->p + t->stsz.head, *o = f->p + t->chunks.head;
    size_t n_c = t->stsc.end - t->stsc.head, n_z = t->stsz.end - t->stsz.head,
           n_o = t->chunks.end - t->chunks.head;
    if (t->chunks.end == 0 && t->stsz.end == 0) return true;
    if (n_c < 8 || n_z < 12 || n_o < 8) return false;
    u64 wide = t->chunks.type == FOUR('c', 'o', '6', '4') ? 8 : 4, chunks = be32(o + 4), runs = be32(c + 4),
        same = be32(z + 4), samples = be32(z + 8), sample = 0, budget = f->n, run = 0;
    if (chunks > (n_o - 8) / wide || runs > (n_c - 8) / 12 || (same == 0 && samples > (n_z - 12) / 4))
        return false;
    for (u64 chunk = 0; chunk < chunks; chunk++) {
        while (run + 1 < runs && be32(c + 8 + 12 * (run + 1)) <= chunk + 1) run++;
        u64 left = runs ? be32(c + 8 + 12 * run + 4) : 0, bytes = 0;
        u64 from = wide == 8 ? be64(o + 8 + 8 * chunk) : be32(o + 8 + 4 * chunk);
        left = MIN(left, samples - sample);
        if (same) {
            bytes = left * same;
            sample += left;
        }
        for (; !same && left; left--) bytes += be32(z + 12 + 4 * sample++);
        if (!blank(f, from, bytes, &budget)) return false;
    }
    return true;
}

static bool film_clean(struct film *f, struct video_facts *facts)
{
    bool pictures = false;
    if (!film_walk(f)) return false;
    for (size_t i = 0; i < f->n_tracks; i++) {
        const struct track *t = &f->tracks[i];
        bool seen = t->handler == FOUR('v', 'i', 'd', 'e'), heard = t->handler == FOUR('s', 'o', 'u', 'n');
        pictures |= seen;
        if (seen) {
            encoder_clear(f, &t->stsd);
            facts->width = t->width;
            facts->height = t->height;
        }
        if (seen || heard) continue;
        if (f->fragments || !samples_blank(f, t)) return false;
        box_void(f, &t->box);
    }
    return pictures;
}

/* --- WebM --- */

enum ground { ROOT, SEGMENT, INFO, TRACKS, ENTRY, VIDEO, CLUSTER, KEEP, EMPTY };
#define UNKNOWN UINT64_MAX

static const struct {
    enum ground in;
    u32 id;
    enum ground is;
} elements[] = {
    {ROOT, 0x1A45DFA3, KEEP},    {ROOT, 0x18538067, SEGMENT},   {SEGMENT, 0x114D9B74, KEEP},
    {SEGMENT, 0x1549A966, INFO}, {SEGMENT, 0x1654AE6B, TRACKS}, {SEGMENT, 0x1F43B675, CLUSTER},
    {SEGMENT, 0x1C53BB6B, KEEP}, {INFO, 0x2AD7B1, KEEP},        {INFO, 0x4489, KEEP},
    {INFO, 0x4D80, EMPTY},       {INFO, 0x5741, EMPTY},         {TRACKS, 0xAE, ENTRY},
    {ENTRY, 0xD7, KEEP},         {ENTRY, 0x73C5, KEEP},         {ENTRY, 0x83, KEEP},
    {ENTRY, 0xB9, KEEP},         {ENTRY, 0x88, KEEP},           {ENTRY, 0x55AA, KEEP},
    {ENTRY, 0x9C, KEEP},         {ENTRY, 0x6DE7, KEEP},         {ENTRY, 0x6DF8, KEEP},
    {ENTRY, 0x23E383, KEEP},     {ENTRY, 0x55EE, KEEP},         {ENTRY, 0x22B59C, KEEP},
    {ENTRY, 0x86, KEEP},         {ENTRY, 0x63A2, KEEP},         {ENTRY, 0x56AA, KEEP},
    {ENTRY, 0x56BB, KEEP},       {ENTRY, 0xE0, VIDEO},          {ENTRY, 0xE1, KEEP},
    {ENTRY, 0x6D80, KEEP},       {VIDEO, 0xB0, KEEP},           {VIDEO, 0xBA, KEEP},
    {VIDEO, 0x9A, KEEP},         {VIDEO, 0x53B8, KEEP},         {VIDEO, 0x53C0, KEEP},
    {VIDEO, 0x54AA, KEEP},       {VIDEO, 0x54BB, KEEP},         {VIDEO, 0x54CC, KEEP},
    {VIDEO, 0x54DD, KEEP},       {VIDEO, 0x54B0, KEEP},         {VIDEO, 0x54BA, KEEP},
    {VIDEO, 0x54B2, KEEP},       {VIDEO, 0x55B0, KEEP},         {CLUSTER, 0xE7, KEEP},
    {CLUSTER, 0xA3, KEEP},       {CLUSTER, 0xA0, KEEP},         {CLUSTER, 0xA7, KEEP},
    {CLUSTER, 0xAB, KEEP},
};
/* What can follow a cluster whose end nobody knew when it began (RFC 9559, 5.1; RFC 8794, 6.2). */
static const u32 level_1[] = {0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1F43B675,
                              0x1C53BB6B, 0x1254C367, 0x1941A469, 0x1043A770};

struct element {
    size_t at, head;
    u64 size; /* UNKNOWN: until something else begins */
    u32 id;
};

static bool element_read(const u8 *p, size_t at, size_t end, struct element *e)
{
    size_t n = 1, k = 1;
    u64 size, ones;
    *e = (struct element){.at = at};
    if (at == end) return false;
    while (n <= 4 && !(p[at] & 0x80 >> (n - 1))) n++;
    if (n > 4 || end - at <= n) return false;
    for (size_t i = 0; i < n; i++) e->id = e->id << 8 | p[at + i];
    at += n;
    while (k <= 8 && !(p[at] & 0x80 >> (k - 1))) k++;
    if (k > 8 || end - at < k) return false;
    size = p[at] & (0xff >> k);
    for (size_t i = 1; i < k; i++) size = size << 8 | p[at + i];
    ones = ((u64)1 << (7 * k)) - 1;
    e->head = at + k;
    e->size = size == ones ? UNKNOWN : size;
    return e->size == UNKNOWN || e->size <= end - e->head;
}

/* A Void element as long as what stood there: its length takes one byte, or eight where one does not reach. */
static void element_void(u8 *p, const struct element *e)
{
    size_t n = e->head + (size_t)e->size - e->at;
    memset(p + e->at, 0, n);
    p[e->at] = 0xEC;
    if (n < 9) {
        p[e->at + 1] = (u8)(0x80 | (n - 2));
        return;
    }
    p[e->at + 1] = 0x01;
    for (size_t i = 0, left = n - 9; i < 7; i++, left >>= 8) p[e->at + 8 - i] = (u8)(left & 0xff);
}

static u64 number_of(const u8 *p, const struct element *e)
{
    u64 v = 0;
    for (u64 i = 0; i < e->size && i < 8; i++) v = v << 8 | p[e->head + i];
    return v;
}

static bool ends_cluster(u32 id)
{
    for (size_t i = 0; i < ARRAY_LEN(level_1); i++)
        if (level_1[i] == id) return true;
    return false;
}

/* Only pictures (1) and sound (2); one of them must be pictures. */
static bool kept(const u8 *p, const struct element *e, enum ground in, struct video_facts *facts,
                 bool *pictures)
{
    u64 v = number_of(p, e);
    if (in == VIDEO && e->id == 0xB0) facts->width = (u32)MIN(v, (u64)UINT16_MAX);
    if (in == VIDEO && e->id == 0xBA) facts->height = (u32)MIN(v, (u64)UINT16_MAX);
    if (in != ENTRY || e->id != 0x83) return true;
    *pictures |= v == 1;
    return v == 1 || v == 2;
}

static bool webm_clean(u8 *p, size_t n, struct video_facts *facts)
{
    struct {
        size_t end;
        enum ground ground;
        bool open; /* no length was given */
    } stack[DEPTH_MAX] = {{n, ROOT, false}};
    size_t depth = 0, at = 0;
    bool pictures = false;
    for (;;) {
        while (depth && at == stack[depth].end) depth--;
        if (depth == 0 && at == n) return pictures;
        struct element e;
        if (!element_read(p, at, stack[depth].end, &e)) return false;
        if (stack[depth].ground == CLUSTER && stack[depth].open && ends_cluster(e.id)) {
            depth--;
            continue;
        }
        enum ground in = stack[depth].ground, is = ROOT;
        for (size_t i = 0; i < ARRAY_LEN(elements) && is == ROOT; i++)
            if (elements[i].in == in && elements[i].id == e.id) is = elements[i].is;
        if (e.size == UNKNOWN) {
            if (is != SEGMENT && is != CLUSTER) return false;
            e.size = stack[depth].end - e.head;
            stack[depth + 1].open = true;
        } else if (depth + 1 < DEPTH_MAX) {
            stack[depth + 1].open = false;
        }
        at = e.head + (size_t)e.size;
        if (is == ROOT) {
            element_void(p, &e);
        } else if (is == EMPTY) {
            memset(p + e.head, 0, (size_t)e.size);
        } else if (is == KEEP) {
            if (!kept(p, &e, in, facts, &pictures)) return false;
        } else {
            if (depth + 1 == DEPTH_MAX) return false;
            depth++;
            stack[depth].end = at;
            stack[depth].ground = is;
            at = e.head;
        }
    }
}

bool video_clean(u8 *bytes, size_t n, enum media_type type, struct video_facts *facts_r)
{
    struct film f = {.p = bytes, .n = n};
    *facts_r = (struct video_facts){0};
    return type == MEDIA_MP4 ? film_clean(&f, facts_r) : type == MEDIA_WEBM && webm_clean(bytes, n, facts_r);
}
