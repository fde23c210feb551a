/* Answers that every door gives alike: problem documents, JSON, pages; language; security headers.
 * A refusal is counted here and nowhere else. */
#pragma once
#include "gateway.h"
#include "core/refusal.h"

enum lang { LANG_ZH, LANG_EN };
/* English only when Accept-Language names it before Chinese, or the cookie msd_lang says so. */
enum lang reply_lang(const struct http_in *in);
/* Chinese in traditional characters: the cookie says "hant", or without a choice the first Chinese that Accept-Language
 * names is one of Taiwan, Hong Kong, Macau or Hant. Only pages are written so; every other answer stays simplified. */
bool reply_traditional(const struct http_in *in);

/* RFC 9457 problem document with code and sentence; extra: more JSON members (",\"missing\":[…]") or STR_NONE;
 * retry: Retry-After, 0 for none. Counts the refusal. */
void reply_problem(struct gateway *g, u64 ticket, enum lang lang, enum refusal r, struct str detail,
                   struct str extra, span retry);
void reply_refuse(struct gateway *g, u64 ticket, enum lang lang, enum refusal r); /* the plain case */
/* JSON that nobody may store or frame. */
void reply_json(struct gateway *g, u64 ticket, int status, struct str body, const struct http_header *more,
                size_t n_more);
/* A page of ours: UTF-8 HTML under the strict content security policy. cache: seconds, 0 = no-store. */
void reply_page(struct gateway *g, u64 ticket, int status, struct str html, int cache,
                const struct http_header *more, size_t n_more);
/* What citizen_start puts into gateway.page_policy: styles names the hashes of the style sheets that stand in the pages,
 * each as " 'sha256-…'". Pictures that were chosen on the device may be shown before they are sent (blob:). */
void reply_page_policy(struct text *out, const char *styles);
/* Bytes as they are: content type and Cache-Control are the caller's, the security headers the usual ones. */
void reply_file(struct gateway *g, u64 ticket, int status, const char *type, struct str body,
                const char *cache, const struct http_header *more, size_t n_more);
/* The same for a file of the staff application, whose page may also compile WebAssembly and show its own blobs. */
void reply_app(struct gateway *g, u64 ticket, int status, const char *type, struct str body,
               const char *cache, const struct http_header *more, size_t n_more);
/* 200 with bytes that a stranger has sent, cleaned or not: nobody stores them, and nothing in them may run, load or frame. */
void reply_bytes(struct gateway *g, u64 ticket, const char *type, struct str body,
                 const struct http_header *more, size_t n_more);
void reply_text(struct gateway *g, u64 ticket, int status, struct str text);
void reply_redirect(struct gateway *g, u64 ticket, const char *location); /* 303 */
/* The same with cookies: each the value of a Set-Cookie. */
void reply_redirect_set(struct gateway *g, u64 ticket, struct str location, const struct str *cookies,
                        size_t n);
/* Origin (or, without it, Referer) is this site: public_url or the request's own host. */
bool reply_same_site(const struct gateway *g, const struct http_in *in);

/* A ticket of our own: what is answered to it goes to `taken`, once, on the loop thread, instead of to a peer; `body` lives during the
 * call. So an answer of one of our own handlers can become part of another answer (exports). It must be answered like any
 * ticket. 0 when too many are awaited. */
typedef void reply_taken(void *arg, int status, struct str body);
u64 reply_inner(reply_taken *taken, void *arg) MUST_CHECK;
