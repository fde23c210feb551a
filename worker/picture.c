#include "worker/picture.h"
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
#include <vips/vector.h>

#define JPEG_QUALITY 85
#define PNG_PIXELS                                                                                           \
    1000000u /* a PNG of up to so many pixels stays one: drawings and screenshots with small print */
#define ALPHA_PIXELS 4000000u /* the same for one that is see-through */
#define IN_MEMORY    "1g"     /* no picture may go to a file on disk: the sandbox opens none */

static const char *const loaders[MEDIA_TYPES_N] = {[MEDIA_JPEG] = "jpegload_buffer",
                                                   [MEDIA_PNG] = "pngload_buffer",
                                                   [MEDIA_WEBP] = "webpload_buffer",
                                                   [MEDIA_HEIC] = "heifload_buffer",
                                                   [MEDIA_GIF] = "gifload_buffer"};

bool picture_reads(enum media_type t)
{
    return t < MEDIA_TYPES_N && loaders[t] && vips_type_find("VipsOperation", loaders[t]) != 0;
}

static VipsImage *load(struct str bytes, enum media_type type, int shrink)
{
    VipsImage *im = NULL;
    VipsBlob *blob = vips_blob_new(NULL, bytes.p, bytes.n);
    /* The loader of the type that the first bytes say, never the one that the library would guess. */
    int rc = type == MEDIA_JPEG ? vips_call(loaders[type], blob, &im, "access", VIPS_ACCESS_SEQUENTIAL,
                                            "fail_on", VIPS_FAIL_ON_TRUNCATED, "shrink", shrink, NULL)
                                : vips_call(loaders[type], blob, &im, "access", VIPS_ACCESS_SEQUENTIAL,
                                            "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
    vips_area_unref(VIPS_AREA(blob));
    return rc ? NULL : im;
}

static bool encode(VipsImage *im, enum media_type type, u8 **bytes_r, size_t *n_r)
{
    void *p = NULL;
    VipsImage *flat = NULL;
    VipsArrayDouble *white = vips_array_double_newv(1, 255.0);
    int rc = 0;
    if (type == MEDIA_PNG) {
        rc = vips_pngsave_buffer(im, &p, n_r, "strip", TRUE, "compression", 6, NULL);
    } else {
        rc = vips_image_hasalpha(im) ? vips_flatten(im, &flat, "background", white, NULL)
                                     : vips_copy(im, &flat, NULL);
        if (rc == 0)
            rc = vips_jpegsave_buffer(flat, &p, n_r, "Q", JPEG_QUALITY, "strip", TRUE, "optimize_coding",
                                      TRUE, NULL);
    }
    if (flat) g_object_unref(flat);
    vips_area_unref(VIPS_AREA(white));
    *bytes_r = p;
    return rc == 0;
}

/* Upright, sRGB, at most `side` long, in memory. */
static VipsImage *bounded(VipsImage *im, u32 side)
{
    VipsImage *small = NULL, *kept = NULL;
    if (vips_thumbnail_image(im, &small, (int)side, "height", (int)side, "size", VIPS_SIZE_DOWN,
                             "export_profile", "srgb", NULL))
        return NULL;
    kept = vips_image_copy_memory(small);
    g_object_unref(small);
    return kept;
}

static enum media_type clean_type_of(VipsImage *clean, enum media_type type)
{
    size_t pixels = (size_t)vips_image_get_width(clean) * (size_t)vips_image_get_height(clean);
    if (type != MEDIA_PNG && type != MEDIA_WEBP && type != MEDIA_GIF) return MEDIA_JPEG;
    if (vips_image_hasalpha(clean) && pixels <= ALPHA_PIXELS) return MEDIA_PNG;
    return type == MEDIA_PNG && pixels <= PNG_PIXELS ? MEDIA_PNG : MEDIA_JPEG;
}

enum media_end picture_make(struct str bytes, enum media_type type, const struct media_ask *limits,
                            struct picture *out)
{
    enum media_end end = MEDIA_END_BROKEN;
    VipsImage *clean = NULL, *thumb = NULL, *im;
    if (!picture_reads(type)) return MEDIA_END_TYPE;
    if (!(im = load(bytes, type, 1))) goto out; /* reads the head alone */
    u64 width = (u64)vips_image_get_width(im), height = (u64)vips_image_get_height(im);
    if (width * height > limits->pixels_max) {
        end = MEDIA_END_PIXELS;
        goto out;
    }
    /* A JPEG of a large camera is decoded at a half, quarter or eighth: less work and memory, the same copy. */
    int shrink = 1;
    while (type == MEDIA_JPEG && shrink < 8 && MAX(width, height) / (2 * (u64)shrink) >= limits->side_max)
        shrink *= 2;
    if (shrink > 1) {
        g_object_unref(im);
        if (!(im = load(bytes, type, shrink))) goto out;
    }
    if (!(clean = bounded(im, limits->side_max)) || !(thumb = bounded(clean, limits->thumb_max))) goto out;
    out->clean_type = clean_type_of(clean, type);
    out->width = (u32)vips_image_get_width(clean);
    out->height = (u32)vips_image_get_height(clean);
    if (encode(clean, out->clean_type, &out->clean, &out->n_clean) &&
        encode(thumb, MEDIA_JPEG, &out->thumb, &out->n_thumb))
        end = MEDIA_DONE;
out:
    if (im) g_object_unref(im);
    if (clean) g_object_unref(clean);
    if (thumb) g_object_unref(thumb);
    return end;
}

/* A small picture through every loader and saver that will be used: what they open or start lazily is open and started when the
 * sandbox closes. */
static bool warm_up(void)
{
    const struct media_ask limits = {.pixels_max = 1 << 20, .side_max = 64, .thumb_max = 16};
    VipsImage *im = NULL, *rgb = NULL;
    bool good = vips_black(&im, 96, 80, "bands", 3, NULL) == 0 &&
                vips_copy(im, &rgb, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) == 0;
    static const char *const savers[MEDIA_TYPES_N] = {[MEDIA_JPEG] = "jpegsave_buffer",
                                                      [MEDIA_PNG] = "pngsave_buffer",
                                                      [MEDIA_WEBP] = "webpsave_buffer",
                                                      [MEDIA_GIF] = "gifsave_buffer"};
    for (int t = 0; good && t < MEDIA_TYPES_N; t++) {
        VipsBlob *blob = NULL;
        struct picture made = {0};
        if (!savers[t] || !picture_reads((enum media_type)t) || !vips_type_find("VipsOperation", savers[t]))
            continue;
        good = vips_call(savers[t], rgb, &blob, NULL) == 0;
        if (!good) break;
        size_t n;
        const void *p = vips_blob_get(blob, &n);
        good = picture_make((struct str){p, n}, (enum media_type)t, &limits, &made) == MEDIA_DONE;
        g_free(made.clean);
        g_free(made.thumb);
        vips_area_unref(VIPS_AREA(blob));
    }
    if (rgb) g_object_unref(rgb);
    if (im) g_object_unref(im);
    return good;
}

static void hush(const char *domain, GLogLevelFlags level, const char *message, void *arg)
{
    (void)domain, (void)level, (void)message, (void)arg; /* it would quote the file */
}

bool picture_start(const char *program)
{
    static const char *const env[][2] = {
        {"VIPS_CONCURRENCY", "1"}, {"VIPS_DISC_THRESHOLD", IN_MEMORY}, {"VIPS_NOVECTOR", "1"}};
    for (size_t i = 0; i < ARRAY_LEN(env); i++)
        if (setenv(env[i][0], env[i][1], 1) != 0) return false;
    g_log_set_default_handler(hush, NULL);
    if (VIPS_INIT(program)) return false;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_vector_set_enabled(
        FALSE); /* no code is made at run time: the sandbox forbids memory to be executable */
    vips_block_untrusted_set(TRUE);
    return warm_up();
}
