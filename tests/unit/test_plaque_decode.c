/* How much a plaque may suffer before a reader gives up: renderings of real prints, damaged here in ways that walls, hands and old
 * telephones damage them, and read by zbarimg. A small set must always decode; PLAQUE_DECODE_ALL=1 (tests/bench/decode) goes
 * through everything and prints a table of kind and rate. Everything is made from fixed seeds. Needs poppler-utils, zbar-tools. */
#include "qr/plaque.h"
#include "qr/sheet.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define FACES 4
struct picture {
    int w, h;
    u8 *at;
};
static char folder[64], numbers[FACES][PLAQUE_NUMBER_MAX], urls[FACES][96];
static struct picture originals[FACES]; /* 120 x 160 mm at 150 dots an inch */
static u32 seed;

static double chance(void) /* 0..1 */
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}
/* Near enough to a bell: twelve dice. */
static double bell(void)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += chance();
    return sum;
}

static struct picture picture_new(int w, int h)
{
    return (struct picture){w, h, mem_alloc((size_t)w * (size_t)h)};
}
static u8 clamp(double v) { return (u8)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5); }

static double sample(const struct picture *p, double x, double y, double outside)
{
    const int ix = (int)floor(x), iy = (int)floor(y);
    if (ix < 0 || iy < 0 || ix + 1 >= p->w || iy + 1 >= p->h) return outside;
    const u8 *a = p->at + (size_t)iy * (size_t)p->w + (size_t)ix, *b = a + p->w;
    const double fx = x - ix, fy = y - iy;
    return (a[0] * (1 - fx) + a[1] * fx) * (1 - fy) + (b[0] * (1 - fx) + b[1] * fx) * fy;
}

/* --- what happens to a plaque; `much` from 0 to 1 --- */

static struct picture scaled(const struct picture *p, double k)
{
    struct picture q = picture_new((int)(p->w * k), (int)(p->h * k));
    const int taps = (int)ceil(1 / k); /* a camera averages what falls on one of its points */
    for (int y = 0; y < q.h; y++)
        for (int x = 0; x < q.w; x++) {
            double sum = 0;
            for (int j = 0; j < taps; j++)
                for (int i = 0; i < taps; i++)
                    sum += sample(p, (x + (i + 0.5) / taps) / k - 0.5, (y + (j + 0.5) / taps) / k - 0.5, 255);
            q.at[y * q.w + x] = clamp(sum / (taps * taps));
        }
    return q;
}

static struct picture small(const struct picture *p, double much) { return scaled(p, 0.5 - 0.32 * much); }

/* Seen from the side and turned: a plane in space, one eye. */
static struct picture tilted(const struct picture *p, double much)
{
    const double lean = much * 1.05, turn = (chance() - 0.5) * 0.9, far = 2.2, c = cos(turn), s = sin(turn);
    struct picture half = scaled(p, 0.6), q = picture_new(half.w, half.h);
    const double r = half.h / 2.0;
    for (int y = 0; y < q.h; y++)
        for (int x = 0; x < q.w; x++) {
            const double u = (x - q.w / 2.0) / r * 1.25, v = (y - q.h / 2.0) / r * 1.25;
            const double depth = far / (far * cos(lean) - u * sin(lean)) * cos(lean);
            const double X = u * depth / cos(lean) * 1.0, Y = v * depth;
            q.at[y * q.w + x] = clamp(
                sample(&half, (X * c - Y * s) * r + half.w / 2.0, (X * s + Y * c) * r + half.h / 2.0, 120));
        }
    free(half.at);
    return q;
}

static struct picture blurred(const struct picture *p, double much)
{
    struct picture from = scaled(p, 0.5), q = picture_new(from.w, from.h);
    const int reach = 1 + (int)(much * 4),
              way = (int)(much * 5 * chance()); /* out of focus, and a moving hand */
    for (int y = 0; y < q.h; y++)
        for (int x = 0; x < q.w; x++) {
            double sum = 0;
            int n = 0;
            for (int j = -reach; j <= reach; j++)
                for (int i = -reach - way; i <= reach + way; i++)
                    if (i * i + j * j <= reach * reach + way * reach)
                        sum += sample(&from, x + i, y + j, 200), n++;
            q.at[y * q.w + x] = clamp(sum / n);
        }
    free(from.at);
    return q;
}

static struct picture dim(const struct picture *p, double much)
{
    struct picture q = scaled(p, 0.5);
    const double light = 0.55 - 0.42 * much, grain = 4 + 20 * much;
    for (int i = 0; i < q.w * q.h; i++)
        q.at[i] = clamp((q.at[i] * 0.85 + 20) * (light + 0.15 * (i % q.w) / q.w) + bell() * grain * 0.6);
    return q;
}

/* A dot is a third of a millimetre: scratches of 0.2 to 0.8 mm across. */
static struct picture scratched(const struct picture *p, double much)
{
    struct picture q = scaled(p, 0.5);
    for (int n = (int)(4 + 30 * much); n > 0; n--) {
        double x = chance() * q.w, y = chance() * q.h, angle = chance() * 6.28, thick = 0.3 + much * 0.9;
        const u8 tone = chance() < 0.5 ? 235 : 70;
        for (int k = (int)(q.h * (0.2 + 0.5 * chance())); k > 0; k--, x += cos(angle), y += sin(angle))
            for (double t = -thick; t <= thick; t += 0.5) {
                const int ix = (int)(x + t * sin(angle)), iy = (int)(y - t * cos(angle));
                if (ix >= 0 && iy >= 0 && ix < q.w && iy < q.h) q.at[iy * q.w + ix] = tone;
            }
    }
    return q;
}

/* A sticker on the code, up to a fifth of the modules (those of the corner marks not among them: without one there is no code). */
static struct picture covered(const struct picture *p, double much)
{
    struct picture q = scaled(p, 0.5);
    const double side = q.w * 56.0 / 120 * 33 / 41 * sqrt(0.02 + 0.18 * much),
                 x0 = q.w / 2.0 + (chance() - 0.4) * 0.06 * q.w,
                 y0 = q.h * 82.5 / 160 + (chance() - 0.4) * 0.04 * q.h;
    const u8 tone = (u8)(chance() * 255);
    for (int y = (int)(y0 - side / 2); y < y0 + side / 2; y++)
        for (int x = (int)(x0 - side / 2); x < x0 + side / 2; x++)
            if (x >= 0 && y >= 0 && x < q.w && y < q.h) q.at[y * q.w + x] = tone;
    return q;
}

static struct picture glaring(const struct picture *p, double much)
{
    struct picture q = scaled(p, 0.5);
    const double cx = q.w * (0.3 + 0.4 * chance()), cy = q.h * (0.4 + 0.25 * chance()),
                 r = q.w * (0.1 + 0.22 * much);
    for (int y = 0; y < q.h; y++)
        for (int x = 0; x < q.w; x++) {
            const double d = hypot(x - cx, y - cy) / r;
            q.at[y * q.w + x] = clamp(q.at[y * q.w + x] * 0.8 + 240 * exp(-d * d) * (0.5 + 0.5 * much));
        }
    return q;
}

static struct picture dirty(const struct picture *p, double much)
{
    struct picture q = scaled(p, 0.5);
    for (int n = (int)(30 + 500 * much); n > 0; n--) {
        const double cx = chance() * q.w, cy = chance() * q.h, r = 0.8 + chance() * (1 + 2.2 * much),
                     tone = 60 + 120 * chance();
        for (int y = (int)(cy - r); y <= cy + r; y++)
            for (int x = (int)(cx - r); x <= cx + r; x++)
                if (x >= 0 && y >= 0 && x < q.w && y < q.h && hypot(x - cx, y - cy) <= r)
                    q.at[y * q.w + x] = clamp((q.at[y * q.w + x] + 2 * tone) / 3);
    }
    return q;
}

/* On a pillar: the sides turn away. */
static struct picture curved(const struct picture *p, double much)
{
    struct picture from = scaled(p, 0.5), q = picture_new(from.w, from.h);
    const double bend = 0.4 + 0.75 * much;
    for (int y = 0; y < q.h; y++)
        for (int x = 0; x < q.w; x++) {
            const double u = (x - q.w / 2.0) / (q.w / 2.0), a = u * sin(bend);
            const double sx = asin(a) / bend * q.w / 2 + q.w / 2.0;
            const double sy = y + (1 - cos(asin(a))) * q.h * 0.12;
            q.at[y * q.w + x] = clamp(sample(&from, sx, sy, 120) * (0.55 + 0.45 * cos(asin(a))));
        }
    free(from.at);
    return q;
}

/* What a strong JPEG does: in blocks of 8 x 8 the fine waves are gone (ITU-T T.81, A.3.3, with one step that grows with the wave). */
static struct picture squeezed(const struct picture *p, double much)
{
    struct picture q = scaled(p, 0.45);
    static double wave[8][8];
    for (int k = 0; k < 8; k++)
        for (int x = 0; x < 8; x++) wave[k][x] = (k ? 0.5 : sqrt(0.125)) * cos((2 * x + 1) * k * M_PI / 16);
    for (int by = 0; by + 8 <= q.h; by += 8)
        for (int bx = 0; bx + 8 <= q.w; bx += 8) {
            double rows[8][8], all[8][8];
            for (int y = 0; y < 8; y++)
                for (int k = 0; k < 8; k++) {
                    rows[y][k] = 0;
                    for (int x = 0; x < 8; x++) rows[y][k] += q.at[(by + y) * q.w + bx + x] * wave[k][x];
                }
            for (int j = 0; j < 8; j++)
                for (int k = 0; k < 8; k++) {
                    const double by_how = 6 + much * 26 * (1 + j + k);
                    all[j][k] = 0;
                    for (int y = 0; y < 8; y++) all[j][k] += rows[y][k] * wave[j][y];
                    all[j][k] = round(all[j][k] / by_how) * by_how;
                }
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 8; x++) {
                    double v = 0;
                    for (int j = 0; j < 8; j++)
                        for (int k = 0; k < 8; k++) v += all[j][k] * wave[j][y] * wave[k][x];
                    q.at[(by + y) * q.w + bx + x] = clamp(v);
                }
        }
    return q;
}

static const struct {
    const char *name;
    struct picture (*make)(const struct picture *p, double much);
    double sure; /* up to here it must decode, always */
} kinds[] = {{"small", small, 0.6},        {"tilted", tilted, 0.5},       {"blurred", blurred, 0.25},
             {"dim and grainy", dim, 0.6}, {"scratched", scratched, 0.3}, {"covered", covered, 0.3},
             {"glare", glaring, 0.3},      {"dirty", dirty, 0.5},         {"on a pillar", curved, 0.5},
             {"jpeg", squeezed, 0.4}};

/* --- reading --- */

static bool decodes(const struct picture *p, const char *url, const char *name)
{
    char path[160], line[512], said[256];
    snprintf(path, sizeof path, "%s/%s.pgm", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fprintf(f, "P5\n%d %d\n255\n", p->w, p->h);
    assert_int_equal(fwrite(p->at, 1, (size_t)p->w * (size_t)p->h, f), p->w * p->h);
    assert_int_equal(fclose(f), 0);
    snprintf(line, sizeof line, "zbarimg -q --raw -Sdisable -Sqrcode.enable '%s' 2>/dev/null", path);
    f = popen(line, "r");
    assert_non_null(f);
    said[fread(said, 1, sizeof said - 1, f)] = '\0';
    (void)pclose(f);
    if (!getenv("FOLDER_KEEP")) (void)unlink(path);
    return strncmp(said, url, strlen(url)) == 0;
}

static bool once(size_t kind, int face, double much, u32 from)
{
    char name[40];
    seed = from * 2654435761u + (u32)kind * 97u + 1;
    struct picture q = kinds[kind].make(&originals[face], much);
    snprintf(name, sizeof name, "k%zu-%d-%d-%u", kind, face, (int)(much * 100), from);
    const bool read = decodes(&q, urls[face], name);
    free(q.at);
    return read;
}

/* --- the tests --- */

static int folder_make(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    snprintf(folder, sizeof folder, "%s/decode-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    if (!mkdtemp(folder)) return -1;
    for (unsigned i = 0; i < FACES; i++) {
        char path[128], line[256];
        struct text out;
        const char *error = "";
        if (!plaque_number_make(PLAQUE_SERIAL_FIRST + 7 * i, numbers[i])) return -1;
        snprintf(urls[i], sizeof urls[i], "https://du.example.gov.cn/p/%s-a1234567", numbers[i]);
        const struct plaque_face face = {.unit = i % 2 ? STR("市生态环境局区分局生态环境保护综合行政执法大队")
                                                       : STR("区税务局"),
                                         .number = str_of(numbers[i]),
                                         .tag = STR("a1234567"),
                                         .url = str_of(urls[i]),
                                         .sms_number = STR("12345678"),
                                         .issuer = STR("示例区优化营商环境办公室")};
        text_init(&out, SHEET_BYTES_MAX);
        if (!sheet_print(&face, SHEET_PDF, 0, &out, &error)) return -1;
        snprintf(path, sizeof path, "%s/p.pdf", folder);
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(out.p, 1, out.n, f) != out.n || fclose(f) != 0) return -1;
        text_free(&out);
        snprintf(line, sizeof line, "cd '%s' && pdftoppm -r 150 -gray -singlefile p.pdf p", folder);
        if (system(line) != 0) return -1;
        snprintf(path, sizeof path, "%s/p.pgm", folder);
        f = fopen(path, "rb");
        int w, h, top;
        if (!f || fscanf(f, "P5 %d %d %d", &w, &h, &top) != 3 || fgetc(f) != '\n') return -1;
        originals[i] = picture_new(w, h);
        if (fread(originals[i].at, 1, (size_t)w * (size_t)h, f) != (size_t)w * (size_t)h) return -1;
        fclose(f);
    }
    return 0;
}

static int folder_remove(void **state)
{
    char command[128];
    (void)state;
    for (int i = 0; i < FACES; i++) free(originals[i].at);
    if (getenv("FOLDER_KEEP")) return 0;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void what_must_decode_does(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        const bool read = once(k, (int)(k % FACES), kinds[k].sure, 1);
        if (!read) print_message("%s does not decode\n", kinds[k].name);
        assert_true(read);
    }
}

static void all_of_it(void **state)
{
    static const double much[] = {0.1, 0.3, 0.5, 0.7, 0.85, 1};
    int read = 0, all = 0;
    (void)state;
    printf("%-16s", "kind, damage");
    for (size_t m = 0; m < ARRAY_LEN(much); m++) printf(" %5.0f%%", much[m] * 100);
    printf("    rate\n");
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        int of_kind = 0, n = 0;
        printf("%-16s", kinds[k].name);
        for (size_t m = 0; m < ARRAY_LEN(much); m++) {
            int here = 0, tries = 0;
            for (int face = 0; face < FACES; face++)
                for (u32 from = 1; from <= 5; from++, tries++) here += once(k, face, much[m], from);
            printf(" %2d/%-2d ", here, tries);
            fflush(stdout);
            of_kind += here, n += tries;
        }
        printf("  %5.1f %%\n", 100.0 * of_kind / n);
        read += of_kind, all += n;
    }
    printf("%d of %d decoded: %.1f %%\n", read, all, 100.0 * read / all);
    assert_true(read > 0);
}

int main(void)
{
    const struct CMUnitTest must[] = {cmocka_unit_test(what_must_decode_does)},
                            all[] = {cmocka_unit_test(all_of_it)};
    return getenv("PLAQUE_DECODE_ALL") ? cmocka_run_group_tests(all, folder_make, folder_remove)
                                       : cmocka_run_group_tests(must, folder_make, folder_remove);
}
