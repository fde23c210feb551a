/* What the files citizen*.c share, and nobody else includes: one page in the making, and the look-ups of a plaque. */
#pragma once
#include "citizen.h"
#include "casework.h"
#include "reply.h"
#include "register.h"
#include "pages/template.h"
#include "qr/plaque.h"
#include "core/submission.h"
#include "base/webform.h"
#include "form_token.h"

/* clang-format off */
#define CITIZEN_PAGES(X) \
    X(HOME, "home") X(PLAQUE, "plaque") X(FORM, "form") X(MORE, "more") \
    X(REPORT_WAIT, "report_wait") X(WRONG, "wrong") X(SENT, "sent") X(SLIP, "slip") X(LOST, "lost") \
    X(STATUS, "status") X(CASE, "case") X(SORRY, "sorry") X(LOG, "log") X(COVERAGE, "coverage") \
    X(UNITS_OPEN, "units_open") X(RATED, "rated") X(KIOSK, "kiosk") X(ENTERPRISE, "enterprise") \
    X(POLICIES, "policies") X(WAYS, "ways")
/* clang-format on */
enum citizen_page {
#define X(id, name) PAGE_##id,
    CITIZEN_PAGES(X)
#undef X
        CITIZEN_PAGES_N
};

/* A page in the making. Everything that it shows lives in the arena or longer. */
struct page {
    struct gateway *g;
    u64 ticket;
    enum lang lang;
    bool traditional; /* Chinese in traditional characters */
    struct arena arena;
    struct template_data *data;
};
/* Keeps with the ticket how the reader wants the page: traditional characters, large type, high contrast. Before page_open. */
void page_note(struct gateway *g, u64 ticket, const struct http_in *in);
/* back: a path of ours that the other language opens instead. It is a literal or lives in the arena of the page. */
void page_open(struct page *p, struct gateway *g, u64 ticket, enum lang lang, struct str back);
/* Renders, answers with no-store and forgets the page. retry: Retry-After, 0 for none. */
void page_send(struct page *p, enum citizen_page which, int status, span retry);
/* A sentence of the catalogue, with what is known of {name} filled in: a literal key that must be there. */
struct str page_word(struct page *p, const char *key);
struct str page_find_word(struct page *p, const char *key); /* STR_NONE when there is no such sentence */
void page_put(struct page *p, const char *name, struct str value); /* a view */
void page_copy(struct page *p, const char *name, struct str value);
void page_time(struct page *p, const char *name, instant t); /* in China; us 0: nothing */
/* A deadline as people read it: one at the end of a day is told as that day, 24:00. Lives in the page. */
struct str page_due(struct page *p, instant t);
/* Chinese of ours as this page writes it; never for what a citizen typed. Names that page_put knows need no call. */
struct str page_chinese(struct page *p, struct str s);
void page_flag(struct page *p, const char *name, bool yes);
/* The refusal's sentence as {{error}}; counts it. Returns its HTTP status. */
int page_refuse(struct page *p, enum refusal r);
/* The whole answer for a refusal that has no form of its own. */
void page_sorry(struct gateway *g, u64 ticket, const struct http_in *in, enum refusal r);

/* Style sheet, mark, /favicon.ico; false when the path is none of them. */
/* The address of one of those files, by its name in pages/. */
struct str asset_path(const char *file);
bool asset_route(struct gateway *g, u64 ticket, const struct http_in *in);

/* A query parameter by name, decoded into the arena: as sent, nothing trimmed. Empty when absent or broken. */
struct str query_copy(struct arena *a, struct str query, const char *name);
/* REFUSE_NONE when a form may be taken: where it comes from, and that it could be read. form_r is a readable, perhaps
 * empty form in any case; its views die with the request. */
enum refusal form_acceptable(const struct gateway *g, const struct http_in *in, struct webform *form_r);
bool method_reads(const struct http_in *in); /* GET or HEAD */
/* Whether a path may stand in ?back= and Location: ours, plain, no surprises. */
bool path_plain(struct str path);

/* A plaque as asked for in a path. */
enum plaque_found {
    PLAQUE_GOOD,
    PLAQUE_NOT_READY,
    PLAQUE_NOT_KNOWN,
    PLAQUE_NOT_OURS,
    PLAQUE_OUT_OF_USE,
    PLAQUE_NOT_VALID
};
/* tail: what stands behind "/p/". number_r: the number in it, "" when there is none. *row_r is set for GOOD, OUT_OF_USE
 * and NOT_VALID; typed_r: there was no tag. */
enum plaque_found plaque_look(const struct gateway *g, struct str tail, char number_r[PLAQUE_NUMBER_MAX],
                              const struct plaque_row **row_r, bool *typed_r);
/* The unit behind a plaque as it answers today: its successor when it was dissolved. */
const struct unit *plaque_unit(const struct gateway *g, const struct plaque_row *row,
                               const struct unit **moved_to_r);

/* citizen_form.c: a form on its way. What every kind has in common is there; what one kind asks for beside words and contact is in a file
 * of its own that fills these hooks. */
struct filled;
/* What comes with the files of a form. refusal: why it cannot go on; at: which file is meant, from 0. */
typedef void form_attached(void *arg, enum refusal refusal, size_t at);
struct form_kind {
    const char *what;                 /* last part of the path and purpose of the token */
    const char *title, *heading, *is; /* words of the catalogue; the section of fields.html */
    enum nature nature;
    bool plaque, rating, choice;
    const char *rows;
    size_t files; /* how many may come with it */
    /* From the form into the submission and f->more; texts into the arena. NULL: nothing more. */
    enum refusal (*read)(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                         struct submission *sub);
    /* What this kind shows: as typed, or empty (f->more NULL). */
    void (*put)(struct page *p, const struct filled *f);
    /* Takes the files in hand, copies what it needs before it returns, fills `sub` and calls done once, at once or later.
     * Only called with files. */
    void (*attach)(struct gateway *g, struct submission *sub, struct arena *a,
                   const struct webform_file *files, size_t n, form_attached *done, void *arg);
    /* Asked before an empty form is shown; true: it answers by itself, at once or later. */
    bool (*open)(struct gateway *g, u64 ticket, const struct http_in *in, const struct filled *f);
    /* Intake refused it; true: it answers by itself, at once or later. */
    bool (*refused)(struct gateway *g, u64 ticket, enum lang lang, const struct filled *f, enum refusal r);
};
/* What a person has filled in, or nothing yet. Lives in the arena of the sending, or views of the request. */
struct filled {
    const struct form_kind *kind;
    struct str number, text, contact, rating, nature;
    const void *more; /* of kind->read; NULL before anything was sent */
    bool had_files;
    size_t bad_file; /* which of them was refused, from 1; 0: none */
    char token[FORM_TOKEN_MAX];
};

/* citizen_fields.c: what a form shows. */
void fields_put(struct page *p, const struct filled *f); /* everything fields.html shows */
int fields_level(struct str rating);                     /* 1..5, or 0 when it is none */
void fields_token(struct gateway *g, struct filled *f);  /* a new one */
/* The path of the form itself, for the language link; lives in the arena. */
struct str fields_path(struct arena *a, const struct filled *f);
/* Why the form comes back, at the field that is meant. Returns the HTTP status. */
int fields_refuse(struct page *p, const struct filled *f, enum refusal r);
/* The form with what was typed; r: why it comes back, REFUSE_NONE for the first time. */
void fields_show(struct gateway *g, u64 ticket, enum lang lang, const struct filled *f, enum refusal r,
                 span retry);
/* The same; a form without a token gets one. */
void form_show(struct gateway *g, u64 ticket, enum lang lang, struct filled *f, enum refusal r, span retry);
/* The page for a plaque that cannot be used, with the form to write to the office; text: words typed before;
 * report: they were meant as a report and stay one. */
void form_wrong_plaque(struct gateway *g, u64 ticket, const struct http_in *in, enum plaque_found found,
                       const struct plaque_row *row, struct str number, struct str text, bool report);

/* citizen_rate.c: one rating for one service, reasons for a low one, and whether it shall be followed up. */
enum refusal rate_read(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                       struct submission *sub);
bool rate_open(struct gateway *g, u64 ticket, const struct http_in *in, const struct filled *f);
void rate_put(struct page *p, const struct filled *f);
bool rate_refused(struct gateway *g, u64 ticket, enum lang lang, const struct filled *f, enum refusal r);

/* citizen_report.c: named or anonymous, and no form while nobody could read what is written. */
enum refusal report_read(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                         struct submission *sub);
void report_put(struct page *p, const struct filled *f);
bool report_open(struct gateway *g, u64 ticket, const struct http_in *in, const struct filled *f);

/* citizen_kiosk.c: the page of a tablet at a window, and its files. False: another path. */
bool kiosk_page_route(struct gateway *g, u64 ticket, const struct http_in *in);

/* citizen_kinds.c: the form behind that last part of a path; NULL when there is none. */
const struct form_kind *form_kind_find(struct str what, bool plaque);
/* "/p/{number}/{what}" and "/write…"; false when `what` names no form. number is empty for /write. */
bool form_route(struct gateway *g, u64 ticket, const struct http_in *in, struct str number, struct str what);

/* citizen_matter.c: what a matter needs beside its words, and which open cases may be the same. */
#define MATTER_QUESTIONS 3 /* one of each kind */
#define MATTER_OPTIONS   6
#define MATTER_ALIKE     3
enum matter_kind { MATTER_PLACE, MATTER_WHEN, MATTER_CHOICE };
struct matter_question {
    enum matter_kind kind;
    struct str zh, en, options_zh[MATTER_OPTIONS], options_en[MATTER_OPTIONS];
    size_t n_options;
};
/* All that is ever shown of another's case. shared: a stretch of the reader's own words that stands in it too. */
struct matter_alike {
    u64 case_id;
    struct str category, shared;
    int unit;
    instant opened;
};
struct matter_more {
    bool urgent; /* stored first, whatever is to be asked */
    bool apart;  /* it joins nothing: confidential, held, urgent, or no case at all */
    size_t n_questions, n_alike;
    struct matter_question questions[MATTER_QUESTIONS];
    struct matter_alike alike[MATTER_ALIKE];
};
typedef void matter_done(void *arg, const struct matter_more *m);
/* Asks the router and the tables; stores nothing. done once, perhaps at once; its argument lives in the arena. When the database is
 * away there is nothing to ask. */
enum matter_when {
    MATTER_ASK,   /* everything; an urgent text is told at once, with nothing to ask */
    MATTER_JUDGE, /* only urgent and apart, at once */
    MATTER_LATER  /* the questions of a text that has been stored */
};
void matter_look(struct gateway *g, const struct submission *sub, struct arena *a, enum matter_when when,
                 matter_done *done, void *arg);
/* The hooks of forms that ask for a matter (struct form_kind). */
void matter_put(struct page *p, const struct filled *f);
enum refusal matter_read(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                         struct submission *sub);
/* Everything more.html shows beside the form's own fields. */
void matter_put_more(struct page *p, const struct filled *f, const struct submission *sub,
                     const struct matter_more *m);
/* The questions on the page with the receipt, with a box whose words are added to the case. */
void matter_put_later(struct page *p, const char *receipt, const struct matter_more *m);

/* citizen_case.c: both statements take the hash of a receipt; the columns of a case row come first. */
extern const struct db_stmt stmt_status_find, stmt_status_acts, stmt_status_steps, stmt_status_parts;
enum {
    COL_HASH = CASEWORK_COLUMNS_N,
    COL_RECEIVED,
    COL_RATING,
    COL_PLAQUE,
    COL_STATE,
    COL_UNIT,
    COL_CONFIDENTIAL,
    COL_PAUSED,
    COL_SUPERVISED,
    COL_ROUND,
    COL_ENDING,
    COL_HANDLING_DUE,
    COL_DUE,
    COL_DUE_CLOCK,
    COL_GIVEN,
    COL_FEEDBACK,
    COL_MAIN,
    COL_MAIN_VERSION,
    COL_MAIN_CLOSED,
    COL_MAIN_GONE, /* transferred out */
    COL_ASKED,     /* state of this reporter's callback task in the main case's round; NULL: none */
    COL_PAUSE_UNTIL,
    COL_FLAGS,
    COL_REPORTERS, /* of the own case and of those merged into it */
    COL_SEALED,
    COL_LEVEL,
    COL_OPENED,
    COL_NATURE
};
enum {
    ACT_COL_ACT,
    ACT_COL_ACTOR,
    ACT_COL_ROLE,
    ACT_COL_FROM,
    ACT_COL_TO,
    ACT_COL_AT,
    ACT_COL_WORDS,
    ACT_COL_WAY,
    ACT_COL_OWN,
    ACT_COL_OTHER, /* another reporter was asked or answered */
    ACT_COL_DUE,   /* the deadline that the act moved to */
    ACT_COL_ID
};
/* What a reporter may do, and on which case: after 并案 the answer of the main case is confirmed with the own receipt. */
struct citizen_may {
    bool say, confirm, reopen, object, withdraw;
    bool merged;
    bool main; /* merged, and the main case is told: acts go there, so that they reach who answers */
    bool objected, sealed;
    i64 case_id, version; /* of the case that they go to when `main` or not merged */
};
/* r has one row that belongs to a case. */
struct citizen_may case_may(const struct db_result *r, instant now);
/* Everything case.html shows of a case or a plain rating; r has one row. Views of the results: render before they go. */
void case_put(struct page *p, const struct db_result *r, const struct db_result *acts,
              const struct db_result *steps, const struct db_result *files);

/* After 拆分: the list of the cases that the words became, and which of them is shown. Nothing for a matter that is one. */
void case_put_parts(struct page *p, const struct db_result *parts, int part);

/* citizen_history.c: the steps of a case, and the words that belong above them. acts: the columns ACT_COL_…; main_state: as the citizen may
 * know it. */
void history_put(struct page *p, const struct db_result *acts, const struct db_result *files,
                 enum case_state main_state);
/* The rule that an act followed, for its sentence; NULL when none fits. r: the columns ACT_COL_ACT … ACT_COL_TO. */
const struct caseflow_row *act_rule(const struct db_result *r, int row, enum case_act *act_r,
                                    enum case_state *to_r);

/* citizen_enterprise.c: the page behind an enterprise's code, the booking of a visit and the way to rate one; policies in force. */
enum refusal book_read(struct gateway *g, struct filled *f, const struct webform *form, struct arena *a,
                       struct submission *sub);
void book_put(struct page *p, const struct filled *f);
bool book_open(struct gateway *g, u64 ticket, const struct http_in *in, const struct filled *f);
/* False: the plaque is no enterprise's. */
bool enterprise_show(struct gateway *g, u64 ticket, const struct http_in *in, const struct plaque_row *row,
                     bool typed);
/* "/p/{number}/visit", and "/rate" of an enterprise's code; false for everything else. */
bool enterprise_route(struct gateway *g, u64 ticket, const struct http_in *in, struct str number,
                      struct str what);
bool policies_route(struct gateway *g, u64 ticket, const struct http_in *in); /* "/policies" */
extern const struct db_stmt stmt_visit_find, stmt_policies_open;

/* citizen_ways.c: "/ways", every way to be heard on one page (M56). */
bool ways_route(struct gateway *g, u64 ticket, const struct http_in *in);

/* citizen_guard.c: the guards of gateway/guard.h for a form that came in, and what a form that comes back shows of them. */
enum refusal guard_form(struct gateway *g, const struct http_in *in, const struct webform *form,
                        instant issued, struct arena *a, struct submission *sub, span *wait_r);
void guard_put(struct page *p, enum refusal r);

/* citizen_status.c */
/* "/status", "/status/say" …: what stands behind "/status"; false when there is no such page. */
bool status_route(struct gateway *g, u64 ticket, const struct http_in *in, struct str what);
/* The guards of every form with a receipt: where it comes from, how often, whether it is one at all. receipt_r takes
 * RECEIPT_DIGITS and a NUL. False: answered. */
bool status_admit(struct gateway *g, u64 ticket, const struct http_in *in, struct arena *a,
                  struct webform *form_r, char *receipt_r) MUST_CHECK;
/* The box for a receipt, with what was typed and why it is shown again. */
void status_box(struct gateway *g, u64 ticket, enum lang lang, struct str receipt, enum refusal r,
                span retry);
/* A receipt that nobody has: counted, and paid for by the address it came from. */
void status_wrong(struct gateway *g, u64 ticket, enum lang lang, struct str peer, struct str receipt);

/* citizen_slip.c: what stands by a new receipt, wherever it is shown: the slip to take home, and the code by SMS. */
void receipt_put(struct page *p, const char receipt[17]);
/* "/slip", "/slip/send"; false for another path. */
bool slip_route(struct gateway *g, u64 ticket, const struct http_in *in);
extern const struct db_stmt stmt_slip_find;

/* citizen_recover.c: "/status/lost". */
void recover_take(struct gateway *g, u64 ticket, const struct http_in *in);
extern const struct db_stmt stmt_recover_find;

/* citizen_picture.c: what the holder of the receipt sent, shown to that holder alone, by addresses that live minutes and say
 * nothing of receipt or case. */
extern const struct db_stmt stmt_status_files;
/* The pictures of an act (0: of the first words) into its row of the history. */
void picture_put(struct page *p, struct template_data *row, const struct db_result *files, i64 act);
/* "/status/file/…": what stands behind it. */
void picture_take(struct gateway *g, u64 ticket, const struct http_in *in, struct str tail);
/* Keeps files and puts their numbers into req, ids in the arena; done once, at once or later. */
void files_keep(struct gateway *g, struct arena *a, const struct webform_file *files, size_t n,
                struct act_request *req, form_attached *done, void *arg);

/* citizen_sealed_talk.c: the dialogue of a sealed report, in the arena of one look. */
struct sealed_line;
struct talk {
    bool read, away;
    size_t n;
    struct sealed_line *lines; /* oldest first */
};
void talk_read(struct gateway *g, struct arena *a, u64 feedback, const char receipt[17], struct talk *talk_r,
               void (*done)(void *arg), void *arg);
void talk_put(struct page *p, const struct talk *t);
void talk_say(struct gateway *g, u64 feedback, u64 case_id, const char receipt[17], struct str key,
              struct str words, const struct webform_file *files, size_t n_files,
              void (*done)(void *arg, enum refusal r, bool fresh), void *arg);

/* citizen_proof.c */
#define PROOF_PURPOSE "proof" /* behind "/status/", and the purpose of the token */
void proof_take(struct gateway *g, u64 ticket, const struct http_in *in);
extern const struct db_stmt stmt_proof_find, stmt_proof_acts;

/* What the register tells of a unit: what it does, when and where, the post in charge, the newest published figures. */
/* The post that approved a publication (schema/0026_landing.sql, publication_post) in the page's language. */
struct str page_post(struct page *p, struct str post);
void put_unit_told(struct page *p, const struct unit *u);
/* citizen_open.c: "/open/units/{code}", what a unit has published. False: another path. */
bool units_open_route(struct gateway *g, u64 ticket, const struct http_in *in);
extern const struct db_stmt stmt_units_open;

/* citizen_log.c: "/open/log", for people. False: another path. */
bool log_route(struct gateway *g, u64 ticket, const struct http_in *in);
/* citizen_coverage.c: "/open/plaques" and its JSON. False: another path. */
bool coverage_route(struct gateway *g, u64 ticket, const struct http_in *in);
extern const struct db_stmt stmt_log_page;
