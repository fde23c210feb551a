/* Ratings (好差评) between core/rating, the doors and the tables of schema/0020_ratings.sql: the list of reasons in force, the row that
 * every rating leaves beside its feedback, and the first rating of a service for whoever comes again. Tokens are derived from the id of
 * the service, so every gateway can show a link and the tables alone can show none. */
#pragma once
#include "gateway.h"
#include "intake_part.h"
#include "core/rating.h"

struct rating_reason {
    struct str code, zh, en;
    bool online; /* of the questions about matters done online */
};

void ratings_start(struct gateway *g);
void ratings_reload(struct gateway *g); /* on NOTIFY msd_register and on every reconnect */
void ratings_stop(struct gateway *g);
/* The list in force; 0 as long as it has not been read. */
size_t ratings_reasons(const struct gateway *g, const struct rating_reason **all_r);

/* The link's token of a service, and the hash under which a token or number (plain form) is found. */
void rating_token_of(const struct gateway *g, u64 service, char out[RATING_SERVICE_MAX]);
void rating_hash(const struct gateway *g, struct str service, u8 out[32]);
/* Hashes of other things of this part: pairing codes and the secrets of tablets. */
void rating_secret_hash(const struct gateway *g, const char *what, struct str bound, struct str secret,
                        u8 out[32]);
/* Appends the address of the page where a service is rated. */
void rating_link(const struct gateway *g, struct str plaque, const char *token, struct text *out);

/* Brings service and reasons of an item's submission into their plain form; both count only with a rating. */
enum refusal ratings_read(const struct gateway *g, struct item *it) MUST_CHECK;

struct rating_seen {
    bool asked;       /* the database answered */
    bool known, over; /* the link is one of ours; its time is up */
    int level;        /* of the first rating; 0: not rated yet */
    instant at;
    struct str plaque; /* lives during the call */
};
typedef void rating_seen_done(void *arg, const struct rating_seen *seen);
/* done once, at once or later. service: plain form. */
void rating_look(struct gateway *g, struct str service, rating_seen_done *done, void *arg);

extern const struct intake_more ratings_more;
extern const struct db_stmt stmt_ratings_keep, stmt_rating_first, stmt_rating_reasons;
