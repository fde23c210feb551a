#include "files.h"
#include "metrics.h"
#include "reply.h"
#include "base/log.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 4

enum variant { PLAIN, GZIP, BROTLI, VARIANTS_N };
static const struct {
    const char *suffix;
    struct str coding;
} variants[VARIANTS_N] = {
    [PLAIN] = {"", {"identity", 8}}, [GZIP] = {".gz", {"gzip", 4}}, [BROTLI] = {".br", {"br", 2}}};

struct file {
    char *name; /* relative to the folder, '/' between */
    char *bytes;
    size_t n;
    char etag[24];
};
struct files {
    struct file *all; /* sorted by name */
    size_t n, bytes;
};

const char *files_type(struct str name)
{
    static const struct {
        struct str end;
        const char *type;
    } types[] = {
        {STR(".html"), "text/html; charset=utf-8"},
        {STR(".js"), "text/javascript; charset=utf-8"},
        {STR(".mjs"), "text/javascript; charset=utf-8"},
        {STR(".css"), "text/css; charset=utf-8"},
        {STR(".json"), "application/json; charset=utf-8"},
        {STR(".webmanifest"), "application/manifest+json; charset=utf-8"},
        {STR(".txt"), "text/plain; charset=utf-8"},
        {STR(".svg"), "image/svg+xml"},
        {STR(".png"), "image/png"},
        {STR(".ico"), "image/x-icon"},
        {STR(".woff2"), "font/woff2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_ends(name, types[i].end)) return types[i].type;
    return "application/octet-stream";
}

bool files_takes(struct str accept_encoding, struct str coding)
{
    struct str rest = accept_encoding;
    while (rest.n) {
        struct str item, name, weight;
        str_cut(rest, ',', &item, &rest);
        str_cut(item, ';', &name, &weight);
        if (!str_eq_case(str_trim(name), coding)) continue;
        weight = str_trim(weight);
        if (!str_starts(weight, STR("q=0"))) return true;
        for (size_t i = 3; i < weight.n; i++)
            if (weight.p[i] >= '1' && weight.p[i] <= '9') return true;
        return false;
    }
    return false;
}

bool files_matches(struct str if_none_match, struct str etag)
{
    struct str rest = if_none_match;
    while (rest.n) {
        struct str tag;
        str_cut(rest, ',', &tag, &rest);
        tag = str_trim(tag);
        if (str_starts(tag, STR("W/"))) tag.p += 2, tag.n -= 2;
        if (str_eq(tag, etag) || str_eq(tag, STR("*"))) return true;
    }
    return false;
}

/* FNV-1a: names a content, guards nothing. */
static u64 content_mark(const char *p, size_t n)
{
    u64 h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < n; i++) h = (h ^ (u8)p[i]) * UINT64_C(1099511628211);
    return h;
}

static void files_free(struct files *f)
{
    if (!f) return;
    for (size_t i = 0; i < f->n; i++) {
        free(f->all[i].name);
        free(f->all[i].bytes);
    }
    free(f->all);
    free(f);
}

/* --- reading the folder --- */

static bool read_file(struct files *f, const char *path, const char *name, size_t n, const char **error_r)
{
    if (f->n == FILES_MAX || n > FILES_BYTES_MAX - f->bytes) {
        *error_r = "dashboard_dir holds more files or bytes than the gateway keeps in memory";
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        *error_r = "a file of dashboard_dir cannot be read";
        return false;
    }
    struct file *file = &f->all[f->n];
    *file = (struct file){.bytes = mem_alloc(n + 1)};
    for (ssize_t got = 1; got > 0 && file->n < n;) {
        got = read(fd, file->bytes + file->n, n - file->n);
        if (got > 0) file->n += (size_t)got;
    }
    close(fd);
    if (file->n != n) {
        free(file->bytes);
        *error_r = "a file of dashboard_dir changed while it was read";
        return false;
    }
    file->name = mem_copy(name, strlen(name));
    snprintf(file->etag, sizeof file->etag, "\"%016llx\"", (unsigned long long)content_mark(file->bytes, n));
    f->n++;
    f->bytes += n;
    return true;
}

/* Folders still to be read, relative to the root: a list instead of a recursion. */
struct folders {
    char *name[FILES_MAX];
    int depth[FILES_MAX];
    size_t n;
};

static bool read_entry(struct files *f, struct folders *todo, const char *root, const char *folder, int depth,
                       const char *entry, const char **error_r)
{
    char path[PATH_MAX], name[PATH_MAX];
    struct stat st;
    int n = snprintf(name, sizeof name, "%s%s%s", folder, folder[0] ? "/" : "", entry);
    int m = snprintf(path, sizeof path, "%s/%s", root, name);
    if (n < 0 || m < 0 || (size_t)n >= sizeof name || (size_t)m >= sizeof path || lstat(path, &st) != 0) {
        *error_r = "dashboard_dir cannot be read";
        return false;
    }
    if (S_ISREG(st.st_mode)) return read_file(f, path, name, (size_t)st.st_size, error_r);
    if (!S_ISDIR(st.st_mode)) return true; /* links could lead out of the folder */
    if (depth == DEPTH_MAX || todo->n == FILES_MAX) {
        *error_r = "dashboard_dir is nested deeper than a built application is";
        return false;
    }
    todo->depth[todo->n] = depth + 1;
    todo->name[todo->n++] = mem_copy(name, strlen(name));
    return true;
}

static bool read_folder(struct files *f, struct folders *todo, const char *root, const char *folder,
                        int depth, const char **error_r)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", root, folder);
    DIR *dir = n > 0 && (size_t)n < sizeof path ? opendir(path) : NULL;
    bool good = dir != NULL;
    if (!good) *error_r = "dashboard_dir cannot be read";
    for (const struct dirent *e; good && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.') good = read_entry(f, todo, root, folder, depth, e->d_name, error_r);
    if (dir) closedir(dir);
    return good;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

bool files_start(struct gateway *g, const char **error_r)
{
    const char *root = g->cfg.dashboard_dir;
    struct files *f = MEM_NEW(struct files);
    struct folders *todo = MEM_NEW(struct folders);
    struct stat st;
    bool good = true;
    f->all = mem_alloc(FILES_MAX * sizeof *f->all);
    if (stat(root, &st) == 0 || errno != ENOENT) todo->name[todo->n++] = mem_copy("", 0);
    while (todo->n && good) {
        char *folder = todo->name[--todo->n];
        good = read_folder(f, todo, root, folder, todo->depth[todo->n], error_r);
        free(folder);
    }
    while (todo->n) free(todo->name[--todo->n]);
    free(todo);
    if (!good) {
        files_free(f);
        return false;
    }
    qsort(f->all, f->n, sizeof *f->all, by_name);
    log_line(f->n ? LOG_INFO : LOG_WARNING, LOG_STAFF,
             f->n ? "staff application read" : "staff application is not built", "files=%zu bytes=%zu", f->n,
             f->bytes);
    files_stop(g);
    g->files = f;
    return true;
}

void files_stop(struct gateway *g)
{
    files_free(g->files);
    g->files = NULL;
}

/* --- answering --- */

static const struct file *file_find(const struct files *f, struct str name, const char *suffix)
{
    char key[256];
    int n = snprintf(key, sizeof key, "%.*s%s", STR_ARG(name), suffix);
    if (!f || n < 0 || (size_t)n >= sizeof key || memchr(name.p ? name.p : "", '\0', name.n)) return NULL;
    return bsearch(&(struct file){.name = key}, f->all, f->n, sizeof *f->all, by_name);
}

static void answer_missing(struct gateway *g, u64 ticket, bool built)
{
    static const char not_built[] =
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>督办工作台尚未构建</title>"
        "<h1>督办工作台尚未构建</h1><p>网关运行正常，但没有找到工作台的静态文件。请在源代码目录中运行：</p>"
        "<pre>cd gateway/dashboard\nnpm ci\nnpm run build</pre>"
        "<p>然后重新启动网关；静态文件不在默认位置时，请用设置项 <code>dashboard_dir</code> 指定。</p>"
        "<p lang=\"en\">The staff application is not built yet: run the commands above and restart, or name "
        "its folder with the setting "
        "<code>dashboard_dir</code>.</p></html>\n";
    static const char not_there[] = "<!doctype html><html lang=\"zh-CN\"><meta "
                                    "charset=\"utf-8\"><title>没有找到</title><h1>没有找到这个文件</h1>"
                                    "<p><a href=\"/staff/\">返回督办工作台</a></p></html>\n";
    if (built) count_refusal(REFUSE_NOT_FOUND);
    reply_page(g, ticket, built ? 404 : 503, str_of(built ? not_there : not_built), 0, NULL, 0);
}

/* Names under assets/ carry a mark of their content, so they may be kept for ever; the page that names them may not. */
static const char *cache_of(struct str name)
{
    if (str_starts(name, STR("assets/"))) return "public, max-age=31536000, immutable";
    return "no-cache";
}

void files_answer(struct gateway *g, u64 ticket, const struct http_in *in, struct str path)
{
    const struct files *f = g->files;
    struct str accept = http_header_get(in, STR("accept-encoding")), last = path;
    if (!str_eq(in->method, STR("GET")) && !str_eq(in->method, STR("HEAD"))) {
        reply_refuse(g, ticket, reply_lang(in), REFUSE_METHOD);
        return;
    }
    for (struct str head, tail; str_cut(last, '/', &head, &tail);) last = tail;
    const struct file *file = file_find(f, path, "");
    if (!file && str_find(last, STR(".")) == SIZE_MAX)
        path = STR("index.html"), file = file_find(f, path, "");
    if (!file) {
        answer_missing(g, ticket, f && f->n);
        return;
    }
    struct http_header h[3] = {{STR("vary"), STR("accept-encoding")}};
    size_t n = 1;
    for (int v = VARIANTS_N - 1; v > PLAIN; v--) {
        const struct file *smaller =
            files_takes(accept, variants[v].coding) ? file_find(f, path, variants[v].suffix) : NULL;
        if (!smaller) continue;
        file = smaller;
        h[n++] = (struct http_header){STR("content-encoding"), variants[v].coding};
        break;
    }
    h[n++] = (struct http_header){STR("etag"), str_of(file->etag)};
    bool same = files_matches(http_header_get(in, STR("if-none-match")), str_of(file->etag));
    reply_app(g, ticket, same ? 304 : 200, files_type(path),
              same ? STR_NONE : (struct str){file->bytes, file->n}, cache_of(path), h, n);
}
