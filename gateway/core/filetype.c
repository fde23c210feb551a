#include "core/filetype.h"
#include <string.h>

static const struct {
    const char *word, *mime, *ending;
} facts[] = {
#define X(id, word, mime, ending) {word, mime, ending},
    MEDIA_TYPES(X)
#undef X
};

static u32 be32(const char *p)
{
    const u8 *b = (const u8 *)p;
    return (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 | b[3];
}

static bool brand_in(const char *brand, const char *list)
{
    for (; *list; list += 4)
        if (memcmp(brand, list, 4) == 0) return true;
    return false;
}

/* The brands of a ftyp box: what the file promises to be readable as. QuickTime (iPhones) has the same boxes. */
static bool brands_read(struct str s, enum media_type *type_r)
{
    static const char
        still[] = "heicheixheimheismif1",
        film[] = "isomiso2iso3iso4iso5iso6iso7iso8iso9mp41mp42avc1M4V MSNV3gp43gp53gp63g2amp71dashqt  ";
    size_t n = be32(s.p);
    bool is_still = false, is_film = false;
    if (n < 16 || n > s.n || n > 1024 || n % 4) return false;
    for (size_t at = 8; at + 4 <= n; at += 4) {
        if (at == 12) continue; /* minor version */
        if (brand_in(s.p + at, "avifavis")) return false;
        is_still |= brand_in(s.p + at, still);
        is_film |= brand_in(s.p + at, film);
    }
    if (!is_still && !is_film) return false;
    *type_r = is_still ? MEDIA_HEIC : MEDIA_MP4;
    return true;
}

/* DocType "webm" stands in the EBML header, written with its one-byte length; the header's own length takes 1 to 8 bytes. */
static bool is_webm(struct str s)
{
    const u8 *p = (const u8 *)s.p + 4;
    size_t k = 1;
    while (k <= 8 && !(p[0] & 0x80 >> (k - 1))) k++;
    if (k > 8) return false;
    u64 n = p[0] & (0xff >> k);
    for (size_t i = 1; i < k; i++) n = n << 8 | p[i];
    if (n > 256 || n > s.n - 4 - k) return false;
    const struct str head = {s.p + 4 + k, (size_t)n};
    return str_find(head, STR("\x42\x82\x84webm")) != SIZE_MAX;
}

bool filetype_of(struct str s, enum media_type *type_r)
{
    if (s.n < 16) return false;
    if (str_starts(s, STR("\xff\xd8\xff")))
        *type_r = MEDIA_JPEG;
    else if (str_starts(s, STR("\x89PNG\r\n\x1a\n")))
        *type_r = MEDIA_PNG;
    else if (str_starts(s, STR("GIF87a")) || str_starts(s, STR("GIF89a")))
        *type_r = MEDIA_GIF;
    else if (str_starts(s, STR("RIFF")) && memcmp(s.p + 8, "WEBP", 4) == 0)
        *type_r = MEDIA_WEBP;
    else if (memcmp(s.p + 4, "ftyp", 4) == 0)
        return brands_read(s, type_r);
    else if (str_starts(s, STR("\x1a\x45\xdf\xa3")) && is_webm(s))
        *type_r = MEDIA_WEBM;
    else
        return false;
    return true;
}

bool filetype_video(enum media_type t) { return t == MEDIA_MP4 || t == MEDIA_WEBM; }
const char *filetype_word(enum media_type t) { return facts[t].word; }
const char *filetype_mime(enum media_type t) { return facts[t].mime; }
const char *filetype_ending(enum media_type t) { return facts[t].ending; }

bool filetype_parse(struct str word, enum media_type *type_r)
{
    for (int t = 0; t < MEDIA_TYPES_N; t++) {
        if (!str_eq(word, str_of(facts[t].word))) continue;
        *type_r = (enum media_type)t;
        return true;
    }
    return false;
}
