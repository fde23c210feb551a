/* The public places that a text names, as keys that are the same whoever tells of them: streets (文昌路), crossings (文昌路与朝阳街口), compounds and their
 * buildings (示例小区3号楼), villages and communities, parks, squares, markets, schools, hospitals. For counting how many people tell of one
 * place, whatever they tell and wherever it is routed (gateway/twinfinder_places.c, schema/0056_places.sql).
 * Never a household (P11): what comes behind a building (单元, 室, 层) is no part of a key; house numbers of streets and villages are not, nor buildings
 * where villas are spoken of; 【住址】 is gone before (core/redact). Names of persons, firms and shops are no places. Pure; looks at the first
 * SHINGLES_POINTS characters alone, so its cost has a bound. */
#pragma once
#include "base/str.h"

#define PLACENAMES    6  /* of one text */
#define PLACENAME_MAX 72 /* bytes of a key or a label, with the NUL */

/* key: what is compared: two characters of the name (more, where these say nothing: 国际小区) and the sign of its kind, one for all compounds.
 * label: as the text writes it, with up to four characters more before: some may be no part of the name, what many texts have in common is.
 * The label of a crossing or a building is made anew, without what stands around it. */
struct placename {
    char key[PLACENAME_MAX], label[PLACENAME_MAX];
    bool narrow; /* a crossing or a building: the street or the compound stands beside it */
};
struct placenames {
    size_t n;
    struct placename all[PLACENAMES];
    char town[16]; /* two characters of the first township (镇, 乡, 街道) that is named; empty: none is */
};
/* clean_masked: core/normalise over core/redact. Distinct keys, in the order of the text. */
void placenames_of(struct str clean_masked, struct placenames *p_r);
