/* The door of the changing routes: the database is asked for session, post and roles before the body is looked at. */
#include "staff_part.h"
#include "casework.h"
#include <stdlib.h>
#include <string.h>

struct knock {
    struct staff_ask ask;
    struct http_in in; /* views into `bytes` */
    u64 id;
    staff_handler *answer;
    struct http_header *headers;
    char *bytes;
    size_t used;
};

static struct str keep(struct knock *k, struct str s)
{
    char *at = k->bytes + k->used;
    if (s.n == 0) return (struct str){s.p ? at : NULL, 0};
    memcpy(at, s.p, s.n);
    k->used += s.n;
    return (struct str){at, s.n};
}

/* As large as the request itself, which the listener has bounded. */
static struct knock *knock_new(const struct staff_ask *a, const struct http_in *in, u64 id,
                               staff_handler *answer)
{
    struct knock *k = MEM_NEW(struct knock);
    size_t room = in->method.n + in->path.n + in->query.n + in->host.n + in->body.n + in->peer.n;
    for (size_t i = 0; i < in->n_headers; i++) room += in->headers[i].name.n + in->headers[i].value.n;
    *k = (struct knock){.ask = *a, .in = *in, .id = id, .answer = answer};
    k->bytes = mem_alloc(MAX(room, 1));
    k->headers = mem_alloc(MAX(in->n_headers, 1) * sizeof *k->headers);
    struct str *all[] = {&k->in.method, &k->in.path, &k->in.query, &k->in.host, &k->in.body, &k->in.peer};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) *all[i] = keep(k, *all[i]);
    for (size_t i = 0; i < in->n_headers; i++)
        k->headers[i] = (struct http_header){keep(k, in->headers[i].name), keep(k, in->headers[i].value)};
    k->in.headers = k->headers;
    return k;
}

static void knock_free(struct knock *k)
{
    crypto_wipe(k->bytes, k->used); /* it may have been a password */
    free(k->bytes);
    free(k->headers);
    free(k);
}

/* A page says for which post it was drawn: a change meant in one post is not made in another. */
static bool post_as_shown(const struct knock *k, const struct staff_who *who)
{
    struct str said = http_header_get(&k->in, STR("x-post"));
    u64 post;
    return said.n == 0 || (str_u64(said, INT32_MAX, &post) && (i64)post == who->actor.post);
}

static void have_entered(void *arg, enum db_end end, const struct db_result *const *results, int n,
                         const struct db_error *error)
{
    struct knock *k = arg;
    struct staff_who who;
    (void)n;
    if (staff_entered(&k->ask, end, results, error, true, &who)) {
        if (post_as_shown(k, &who))
            k->answer(&k->ask, &k->in, k->id);
        else
            staff_refuse(&k->ask, REFUSE_POST_CHANGED, NULL, NULL);
    }
    knock_free(k);
}

void staff_door(const struct staff_ask *a, const struct http_in *in, u64 id, staff_handler *answer)
{
    struct knock *k = knock_new(a, in, id, answer);
    if (!staff_go(a, staff_call(a, have_entered, k))) knock_free(k);
}
