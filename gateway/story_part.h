/* What the files of a story share; included by gateway/story*.c alone. */
#pragma once
#include "story.h"
#include "base/json.h"

/* A story on its way: the text that is being put together, and where the next fact and chapter go. */
struct telling {
    struct story *s;
    const struct json *doc;
    struct text t, more; /* kept() empties them */
    struct paper_fact *facts;
    struct paper_chapter *chapters;
};

struct str story_text(const struct json *v, const char *key); /* STR_NONE when there is none */
i64 story_number(const struct json *v, const char *key);      /* 0 when there is none */
instant story_instant(const struct json *v, const char *key);

struct str telling_kept(struct telling *g, struct text *t);
struct str telling_when(struct telling *g, instant at);
struct str telling_who(struct telling *g, const struct json *v);
const char *telling_state(struct str word);
/* A line of its own, when there is something to say. */
void telling_line(struct text *t, const char *lead, struct str s);
void telling_line_hash(struct text *t, const char *lead, struct str hex);
struct paper_event *telling_events(struct telling *g, size_t n); /* NULL: the story is too long */
void telling_chapter(struct telling *g, const char *heading, struct str text,
                     const struct paper_event *events, size_t n);

/* The chapter of the acts; false when the story is too long. */
bool story_acts(struct telling *g) MUST_CHECK;
/* Fills n_acts, hashes and broken. */
bool story_chain(const struct json *doc, struct story *s) MUST_CHECK;
/* Appends to events[n…] one for each clock that an act started, moved or stopped; returns the new n. Room for
 * STORY_TIMES_MAX per act is the caller's. */
#define STORY_TIMES_MAX 4
size_t story_times(struct arena *a, const struct story_calendar *cal, const struct json *acts, int level,
                   struct paper_event *events, size_t n);
