/* The receipt by SMS to a number that is then forgotten: neither the number's hash nor the feedback stand in the row that is owed. Asked for on the page of
 * a new receipt (citizen_slip.c) and by who writes down what a citizen said (staff_entry.c). Limits by receipt and by number
 * hold for both together. */
#pragma once
#include "gateway.h"
#include "core/receipt.h"
#include "core/refusal.h"
#include "core/submission.h"

/* A channel for it is set up and can send. */
bool receipt_copy_may(const struct gateway *g);
/* REFUSE_NONE: it is owed. TOO_MANY: to this receipt, or (then with a wait) to this number. UNAVAILABLE otherwise. */
typedef void receipt_copied(void *arg, enum refusal r, span wait);
/* Texts are copied. done runs exactly once, perhaps before this returns. */
void receipt_copy_send(struct gateway *g, const char receipt[RECEIPT_DIGITS + 1], const char phone[PHONE_MAX],
                       bool english, receipt_copied *done, void *arg);
extern const struct db_stmt stmt_slip_copy;
