/* Numbers, tags and paths of plaques on any bytes: never out of bounds, and what is accepted reads the same again. */
#include "qr/plaque.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = {(const char *)data, size};
    char number[PLAQUE_NUMBER_MAX], again[PLAQUE_NUMBER_MAX], tag[PLAQUE_TAG_MAX], tag_again[PLAQUE_TAG_MAX];
    unsigned version;

    if (plaque_number_parse(input, number)) {
        char grouped[PLAQUE_GROUPED_MAX];
        ASSERT(strlen(number) >= PLAQUE_NUMBER_MIN && strlen(number) < PLAQUE_NUMBER_MAX);
        ASSERT(plaque_number_parse(str_of(number), again) && strcmp(number, again) == 0);
        ASSERT(plaque_number_parse(str_of(plaque_number_grouped(number, grouped)), again));
        ASSERT(strcmp(number, again) == 0);
    }
    if (plaque_tag_version(input, &version)) ASSERT(version < PLAQUE_KEY_VERSIONS && size == PLAQUE_TAG_LEN);

    enum plaque_path path = plaque_path_parse(input, number, tag);
    if (path == PLAQUE_PATH_MALFORMED) return 0;
    ASSERT((path == PLAQUE_PATH_SIGNED) == (tag[0] != '\0'));
    struct text url;
    text_init(&url, 64);
    if (path == PLAQUE_PATH_SIGNED) {
        ASSERT(plaque_tag_version(str_of(tag), &version));
        plaque_url(STR_NONE, number, tag, &url);
    } else {
        text_addf(&url, "/p/%s", number);
    }
    struct str tail = {url.p + 3, url.n - 3};
    ASSERT(plaque_path_parse(tail, again, tag_again) == path);
    ASSERT(strcmp(number, again) == 0 && strcmp(tag, tag_again) == 0);
    text_free(&url);
    return 0;
}
