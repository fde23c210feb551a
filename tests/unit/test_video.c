/* What a file is by its first bytes, and what is left of a film when it was cleaned. The films are those of the fuzzer's corpus: one
 * picture track, one track of places, boxes and elements full of the word "secret". */
#include "core/video.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define S(lit)                                                                                               \
    {                                                                                                        \
        lit, sizeof(lit) - 1                                                                                 \
    }
#define PAD "................................"

static const struct {
    const char *title;
    struct str bytes;
    const char *word; /* NULL: none of ours */
} types[] = {
    {"JPEG", S("\xff\xd8\xff\xe0\0\x10JFIF\0" PAD), "jpeg"},
    {"JPEG with Exif first",
     S("\xff\xd8\xff\xe1\0\x10"
       "Exif\0\0" PAD),
     "jpeg"},
    {"PNG", S("\x89PNG\r\n\x1a\n\0\0\0\rIHDR" PAD), "png"},
    {"PNG whose line ends were changed on the way", S("\x89PNG\n\x1a\n\0\0\0\rIHDR" PAD), NULL},
    {"GIF", S("GIF89a" PAD), "gif"},
    {"an old GIF", S("GIF87a" PAD), "gif"},
    {"WebP", S("RIFF\x24\0\0\0WEBPVP8 " PAD), "webp"},
    {"a sound in the same wrapping", S("RIFF\x24\0\0\0WAVEfmt " PAD), NULL},
    {"HEIC of an iPhone",
     S("\0\0\0\x18"
       "ftypheic\0\0\0\0mif1heic" PAD),
     "heic"},
    {"HEIC that says only mif1 first",
     S("\0\0\0\x18"
       "ftypmif1\0\0\0\0mif1heic" PAD),
     "heic"},
    {"AVIF",
     S("\0\0\0\x18"
       "ftypavif\0\0\0\0mif1miaf" PAD),
     NULL},
    {"AVIF behind mif1",
     S("\0\0\0\x18"
       "ftypmif1\0\0\0\0mif1avif" PAD),
     NULL},
    {"MP4",
     S("\0\0\0\x18"
       "ftypisom\0\0\2\0isommp42" PAD),
     "mp4"},
    {"a film of an iPhone",
     S("\0\0\0\x14"
       "ftypqt  \0\0\0\0qt  " PAD),
     "mp4"},
    {"3GP",
     S("\0\0\0\x14"
       "ftyp3gp5\0\0\0\0"
       "3gp5" PAD),
     "mp4"},
    {"a sound book",
     S("\0\0\0\x14"
       "ftypM4A \0\0\0\0M4A " PAD),
     NULL},
    {"brands beyond the end",
     S("\0\0\4\0"
       "ftypisom\0\0\2\0"),
     NULL},
    {"WebM", S("\x1a\x45\xdf\xa3\x87\x42\x82\x84webm" PAD), "webm"},
    {"Matroska", S("\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska" PAD), NULL},
    {"webm only behind the header", S("\x1a\x45\xdf\xa3\x81.\x42\x82\x84webm" PAD), NULL},
    {"HTML", S("<!doctype html><script>" PAD), NULL},
    {"SVG", S("<svg xmlns=\"http://www.w3.org/2000/svg\"/>" PAD), NULL},
    {"PDF", S("%PDF-1.7\n" PAD), NULL},
    {"a program",
     S("\x7f"
       "ELF\2\1\1" PAD),
     NULL},
    {"TIFF", S("II*\0" PAD), NULL},
    {"BMP", S("BM" PAD PAD), NULL},
    {"too short for anything", S("\xff\xd8\xff"), NULL},
};

static void by_content(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        enum media_type t = MEDIA_TYPES_N, again;
        bool known = filetype_of(types[i].bytes, &t);
        if (known != (types[i].word != NULL))
            fail_msg("%s: %s", types[i].title, known ? filetype_word(t) : "not known");
        if (!known) continue;
        if (strcmp(filetype_word(t), types[i].word) != 0)
            fail_msg("%s: taken for %s", types[i].title, filetype_word(t));
        assert_true(filetype_parse(str_of(filetype_word(t)), &again) && again == t);
        assert_int_equal(filetype_video(t), strncmp(filetype_mime(t), "video/", 6) == 0);
        for (size_t n = 0; n < types[i].bytes.n; n++) { /* whatever is missing: no byte too far is read */
            char *copy = mem_copy(types[i].bytes.p, n);
            (void)!filetype_of((struct str){copy, n}, &again);
            free(copy);
        }
    }
}

static u8 *load(const char *name, size_t *n)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/video/%s", TREE, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    u8 *p = mem_alloc(1 << 16);
    *n = fread(p, 1, 1 << 16, f);
    fclose(f);
    return p;
}

static bool holds(const u8 *p, size_t n, const char *word)
{
    return str_find((struct str){(const char *)p, n}, str_of(word)) != SIZE_MAX;
}

static void films(void **state)
{
    static const struct {
        const char *name;
        enum media_type type;
        const char *frame;
    } all[] = {{"film.mp4", MEDIA_MP4, "a frame of the film, nothing but bytes"},
               {"film.webm", MEDIA_WEBM, "\x81\x01"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        size_t n;
        struct video_facts facts;
        u8 *p = load(all[i].name, &n);
        assert_true(holds(p, n, "secret"));
        assert_true(video_clean(p, n, all[i].type, &facts));
        assert_false(holds(p, n, "secret"));
        assert_false(holds(p, n, "121.4737"));
        if (i == 0) assert_true(holds(p, n, all[i].frame)); /* what is seen is as it was */
        assert_int_equal(facts.width, 640);
        assert_int_equal(facts.height, 480);
        free(p);
    }
}

/* Cut off anywhere it is refused, or what is left of it tells nothing either. */
static void cut_films(void **state)
{
    static const char *const names[] = {"film.mp4", "film.webm"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t n;
        struct video_facts facts;
        u8 *p = load(names[i], &n);
        for (size_t k = 0; k < n; k++) {
            u8 *copy = mem_alloc(k ? k : 1);
            memcpy(copy, p, k);
            if (video_clean(copy, k, i ? MEDIA_WEBM : MEDIA_MP4, &facts))
                assert_false(holds(copy, k, "secret"));
            free(copy);
        }
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_content), cmocka_unit_test(films),
                                       cmocka_unit_test(cut_films)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
