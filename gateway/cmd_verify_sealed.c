/* Sealed reports: the record holds the hash of the sealed body, and here is whether the body is still the one. */
#include "cmd_verify.h"

/* Erased ones have no words any more. The sentence in their place says that they were sealed: a citizen who writes the mark as
 * words has not that. */
static const char sql_sealed[] =
    "select f.id from feedback f where f.words like 'sealed:%' and (f.masked like '（举报内容已加密%' "
    "  or exists (select from sealed_reports r where r.feedback_id = f.id)) "
    "and not exists (select from sealed_messages m where m.feedback_id = f.id and m.dedupe = 'first' "
    "  and f.words = 'sealed:' || encode(sha256(m.body), 'hex')) order by f.id limit 1";

enum verdict verify_sealed(struct verify *v)
{
    struct db_rows *r = verify_query(v, sql_sealed);
    if (!r) return RECORD_UNREAD;
    enum verdict verdict = RECORD_RIGHT;
    if (db_rows_count(r))
        verdict = verify_broken(
            verify_keys("table=sealed_messages feedback=%s what=body", db_rows_text(r, 0, 0)),
            "The sealed report of feedback %s is not the one that was recorded.", db_rows_text(r, 0, 0));
    db_rows_free(&r);
    return verdict;
}
