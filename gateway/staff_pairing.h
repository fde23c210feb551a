/* A code by which a device is paired (the tablet of a window, the screen of a hall): made here, shown once to the person who asked,
 * kept by the database only as a hash. Used by staff_services.c and staff_screens.c. */
#pragma once
#include "staff_part.h"

struct pairing {
    struct staff_ask ask;
    char code[9]; /* 8 digits and NUL */
};

/* A fresh code for this asker; ends with pairing_end. */
struct pairing *pairing_new(const struct staff_ask *a);
/* Shows the code with the end of its life, which is the first column of r; NULL: a refusal was answered, nothing is shown.
 * Wipes and frees. */
void pairing_end(struct pairing *p, const struct db_result *r);
