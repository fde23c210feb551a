/* One inbound item as understood, whichever door it came through. The doors fill it, submission_check()
 * applies the same limits to all of them, intake stores it. Texts are views into the caller's memory. */
#pragma once
#include "base/clock.h"
#include "core/refusal.h"

/* clang-format off */
#define CHANNELS(X) \
    X(PLAQUE, "plaque") \
    X(LIVE, "live") \
    X(SMS, "sms") \
    X(WEB, "web") X(PHONE, "phone") X(WINDOW, "window") X(MEETING, "meeting") X(MONITOR, "monitor") \
    X(OPEN311, "open311") X(EMAIL, "email") X(IMPORT, "import") X(WECHAT, "wechat")
/* clang-format on */
enum door {
#define X(id, word) DOOR_##id,
    CHANNELS(X)
#undef X
        DOORS_N
};

/* clang-format off */
#define NATURES(X) \
    X(RATE, "rate", "评价") \
    X(SUPERVISE, "supervise", "监督") \
    X(REPORT, "report", "举报") \
    X(COMPLAIN, "complain", "投诉") X(APPEAL, "appeal", "诉求") X(ASK, "ask", "询问") \
    X(SUGGEST, "suggest", "建议")
/* clang-format on */
enum nature {
    NATURE_UNKNOWN, /* the door did not say; the router decides */
#define X(id, word, zh) NATURE_##id,
    NATURES(X)
#undef X
        NATURES_N
};

#define SUBMISSION_TEXT_POINTS 5000 /* code points, as the refusal sentence says */
#define SUBMISSION_TEXT_BYTES  (SUBMISSION_TEXT_POINTS * 4)
#define SUBMISSION_KEY_MAX     200
#define SUBMISSION_NAME_MAX    100

/* A point is kept only when the citizen allowed it. words: a landmark or address as written. */
struct position {
    bool point;
    double lat, lon; /* WGS 84 degrees */
    int accuracy;    /* metres, 0 unknown */
    struct str words;
};
#define SUBMISSION_PLACE_POINTS 200    /* of its words */
#define SUBMISSION_ACCURACY_MAX 100000 /* metres: worse is no place */
#define SUBMISSION_FILES_MAX    6

struct submission {
    enum door door;
    struct str provider;    /* channel name for hooks, else empty */
    struct str external_id; /* the provider's id, for receipts and support; may be empty */
    struct str dedupe_key;  /* never empty: one feedback per (door, provider, dedupe_key) */
    struct str sender;  /* E.164, or "wechat:…", when the door knows it; kept apart and masked for units */
    struct str contact; /* telephone the citizen chose to leave; may be empty */
    struct str plaque;  /* plaque number typed or scanned; may be empty */
    enum nature nature;
    int rating;      /* 1 (非常不满意) .. 5 (非常满意); 0: none */
    struct str text; /* exactly as received, valid UTF-8 */
    instant sent_at; /* us == 0: unknown, arrival counts */
    bool found;      /* written down by a finder of the office: opens a case whatever the words are */
    bool by_hand;    /* a person assigns it at once: the router only proposes */
    /* What only some doors bring; each is stored beside the feedback in its transaction (gateway/intake_more.c). */
    struct str reasons;       /* why a rating is low: codes of the national list, joined by ',' */
    struct str service;       /* 办件编号 or service token that is rated: one counted rating each */
    bool consent;             /* the citizen wants a low rating to become a case */
    struct position position; /* where it is, when the citizen wants to say so */
    const u64 *files;         /* kept by media_keep and not bound to anything yet */
    size_t n_files;
    u64 joins;        /* the open case that this says "me too" to; 0: none */
    int booked_day;   /* 企业码: the day a visit is wished for, days since 1970-01-01; 0: no booking */
    struct str marks; /* what the guards noticed, words joined by ','; never a reason to drop it */
    struct str pow;   /* the solved challenge, used up by this submission; empty: none */
    i64 pow_expires;  /* of the challenge, unix seconds */
    /* Files of a report, sealed before it is: the message's key (32 bytes), their list as a JSON array, and of each the hash of what
     * is stored and its size (32 + 8 bytes, big end first). All empty: none. */
    /* Written down by somebody of the office for a citizen (gateway/staff_entry.c): who, at which unit's post, by which way ("visit", …), on which
     * day it was said (days since 1970, 0: today). entered_by 0: the citizen wrote it. */
    int entered_by, entered_at, entered_day;
    const char *entered_way;
    int about; /* the unit it is about, named while it was written down; 0: the plaque and the words decide */
    struct str category; /* chosen likewise; empty: the words decide */
    struct str name;     /* of who reports under the own name; only with what is sealed */
    struct str sealed_key, sealed_files, sealed_hashes;
};

const char *door_word(enum door d);
const char *nature_word(enum nature n);    /* "unknown" for NATURE_UNKNOWN */
const char *nature_chinese(enum nature n); /* "未定" for NATURE_UNKNOWN */
/* False when the word is none of the table. Both the English and the Chinese word are taken. */
bool nature_parse(struct str word, enum nature *nature_r) MUST_CHECK;
bool door_parse(struct str word, enum door *door_r) MUST_CHECK;

/* REFUSE_NONE when the item may be stored. A rating needs a level and may go without words; everything
 * else needs words. */
enum refusal submission_check(const struct submission *s);

/* A telephone number as people write it -> E.164 in dst ("+8613…"): blanks, hyphens, brackets and full-width
 * digits are forgiven, a bare 11-digit mainland mobile gets +86. False when it is no number. */
#define PHONE_MAX 20
bool phone_normalise(struct str written, char dst[PHONE_MAX]) MUST_CHECK;
