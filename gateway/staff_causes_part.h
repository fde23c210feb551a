/* What the files of 共性问题 share: staff_bursts.c (many at once about one thing) and staff_causes.c (proposals to put right what cases keep
 * coming about). Who may see and who may step is judged by schema/0041_twins.sql once more; nothing confidential is in any number or
 * list here, whoever asks (P4). */
#pragma once
#include "staff_part.h"

#define CAUSE_ANSWER_MAX ((size_t)4 << 20)

extern const struct db_stmt stmt_staff_bursts, stmt_burst_seen, stmt_staff_burst;

struct cause_ask {
    struct staff_ask ask;
    u64 id;
};
/* A copy for a done callback, which frees it. */
struct cause_ask *cause_keep(const struct staff_ask *a, u64 id);
/* As staff_entered, with the refusals of the functions of causes (MSDU1 to MSDU6). False: refused. */
bool cause_entered(const struct staff_ask *a, enum db_end end, const struct db_result *const *results,
                   const struct db_error *error, struct staff_who *who_r) MUST_CHECK;
/* ,"unit":…,"window":…,"category":… of a row with unit in one column and, from `plaque` on, plaque, its window, category and its name. */
void cause_put_what(struct gateway *g, const struct db_result *r, int row, int unit, int plaque,
                    struct text *t);
