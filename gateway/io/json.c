#include "base/json.h"
#include "base/code.h"
#include <string.h>

/* jansson's type names are those of enum json_kind: inside this file they carry another prefix. Its json_is_*
 * macros would see the wrong names after this and are not used. */
#define JSON_OBJECT  JANSSON_OBJECT
#define JSON_ARRAY   JANSSON_ARRAY
#define JSON_STRING  JANSSON_STRING
#define JSON_INTEGER JANSSON_INTEGER
#define JSON_REAL    JANSSON_REAL
#define JSON_TRUE    JANSSON_TRUE
#define JSON_FALSE   JANSSON_FALSE
#define JSON_NULL    JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_INTEGER
#undef JSON_REAL
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

#define DEPTH_MAX    32                 /* jansson alone would go to 2048 */
#define INT_MAX_TEXT "9007199254740991" /* 2^53 - 1: what a double of the sender's side still holds exactly */

static const char *pre_scan(struct str text);
static void foreign_rewrite(struct str text, struct text *out);
static const char *sentence_of(enum json_error_code code);

/* A `struct json` is jansson's json_t under a name of our own. */
static json_t *inner(const struct json *v)
{
    union {
        const struct json *ours;
        json_t *theirs;
    } u = {.ours = v};
    return u.theirs;
}

static struct json *outer(json_t *v)
{
    union {
        json_t *theirs;
        struct json *ours;
    } u = {.theirs = v};
    return u.ours;
}

/* Length of the digits at text[at]; *whole_r: no fraction, no exponent. */
static size_t number_length(struct str text, size_t at, bool *whole_r)
{
    size_t n = 0;
    *whole_r = true;
    for (; at + n < text.n; n++) {
        char c = text.p[at + n];
        if (c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-')
            *whole_r = false;
        else if (c < '0' || c > '9')
            break;
    }
    return n;
}

/* Whole numbers only: those that a double no longer holds exactly. */
static bool over_53_bits(struct str digits)
{
    const struct str most = STR(INT_MAX_TEXT);
    return digits.n > most.n || (digits.n == most.n && str_cmp(digits, most) > 0);
}

/* Looks at brackets and digits outside strings, without building anything: what is too deep or too big is
 * refused before jansson allocates. Everything else about the grammar is jansson's to judge. */
static const char *pre_scan(struct str text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
            continue;
        }
        if (c == '"') in_string = true;
        if (c == '[' || c == '{') depth++;
        if ((c == ']' || c == '}') && depth) depth--;
        if (depth > DEPTH_MAX) return "the JSON is nested too deeply";
        if (c >= '0' && c <= '9') {
            bool whole;
            size_t n = number_length(text, i, &whole);
            if (whole && over_53_bits((struct str){text.p + i, n}))
                return "the JSON has an integer over 53 bits";
            i += n - 1;
        }
    }
    return NULL;
}

/* jansson's own texts quote the input, which may be a citizen's words and must not reach a log. */
static const char *sentence_of(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8:
        return "the JSON is not valid UTF-8";
    case json_error_premature_end_of_input:
        return "the JSON ends too early";
    case json_error_end_of_input_expected:
        return "something follows the JSON value";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "the JSON has a NUL character in a string";
    case json_error_duplicate_key:
        return "the JSON has the same key twice in one object";
    case json_error_numeric_overflow:
        return "the JSON has a number out of range";
    case json_error_stack_overflow:
        return "the JSON is nested too deeply";
    case json_error_out_of_memory:
        return "there is no memory for the JSON";
    default:
        return "this is not valid JSON";
    }
}

struct json *json_parse(struct str text, size_t max, const char **error_r)
{
    if (text.n > max) {
        *error_r = "the JSON is too long";
        return NULL;
    }
    *error_r = pre_scan(text);
    if (*error_r) return NULL;
    json_error_t error;
    json_t *doc = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!doc) *error_r = sentence_of(json_error_code(&error));
    return outer(doc);
}

/* The code unit of an escape \uXXXX at text[at], or -1. */
static int escape_unit(struct str text, size_t at)
{
    u8 raw[2];
    if (at + 6 > text.n || text.p[at] != '\\' || text.p[at + 1] != 'u' ||
        !hex_get((struct str){text.p + at + 2, 4}, raw, 2))
        return -1;
    return raw[0] << 8 | raw[1];
}

/* Copies what begins with the backslash at text[at]; returns how many bytes that was. */
static size_t escape_rewrite(struct str text, size_t at, struct text *out)
{
    const int unit = escape_unit(text, at);
    size_t n = unit >= 0 ? 6 : MIN(text.n - at, (size_t)2);
    if (unit >= 0xd800 && unit < 0xdc00) {
        const int low = escape_unit(text, at + 6);
        if (low >= 0xdc00 && low < 0xe000) n = 12;
    }
    if (n == 6 && (unit == 0 || (unit >= 0xd800 && unit < 0xe000)))
        text_add(out, STR("\\ufffd"));
    else
        text_add(out, (struct str){text.p + at, n});
    return n;
}

/* Bytes that are no JSON are copied as they are: json_parse refuses them. */
static void foreign_rewrite(struct str text, struct text *out)
{
    bool in_string = false, whole;
    for (size_t i = 0, n; i < text.n; i += n) {
        n = 1;
        if (in_string && text.p[i] == '\\') {
            n = escape_rewrite(text, i, out);
            continue;
        }
        if (text.p[i] == '"') in_string = !in_string;
        if (in_string || text.p[i] < '1' || text.p[i] > '9') {
            text_addc(out, text.p[i]);
            continue;
        }
        n = number_length(text, i, &whole);
        const struct str digits = {text.p + i, n};
        const bool quoted = whole && n <= JSON_DIGITS_MAX && over_53_bits(digits) &&
                            (i == 0 || str_find(STR("-.0"), (struct str){text.p + i - 1, 1}) == SIZE_MAX);
        if (quoted) text_addc(out, '"');
        text_add(out, digits);
        if (quoted) text_addc(out, '"');
    }
}

struct json *json_parse_foreign(struct str text, size_t max, const char **error_r)
{
    struct text mended;
    if (text.n > max) return *error_r = "the JSON is too long", NULL;
    text_init(&mended, text.n + text.n / 8 + 2); /* two quotes for 16 digits at the least */
    foreign_rewrite(text, &mended);
    struct json *doc = json_parse(text_str(&mended), mended.max, error_r);
    text_free(&mended);
    return doc;
}

void json_free(struct json **doc)
{
    json_decref(inner(*doc));
    *doc = NULL;
}

enum json_kind json_kind(const struct json *v)
{
    if (!v) return JSON_NULL;
    switch (json_typeof(inner(v))) {
    case JANSSON_OBJECT:
        return JSON_OBJECT;
    case JANSSON_ARRAY:
        return JSON_ARRAY;
    case JANSSON_STRING:
        return JSON_STRING;
    case JANSSON_INTEGER:
    case JANSSON_REAL:
        return JSON_NUMBER;
    case JANSSON_TRUE:
    case JANSSON_FALSE:
        return JSON_BOOL;
    case JANSSON_NULL:
        break;
    }
    return JSON_NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
    if (json_kind(object) != JSON_OBJECT) return NULL;
    return outer(json_object_get(inner(object), key));
}

struct str json_str(const struct json *v)
{
    if (json_kind(v) != JSON_STRING) return STR_NONE;
    return (struct str){json_string_value(inner(v)), json_string_length(inner(v))};
}

bool json_int(const struct json *v, i64 *out_r)
{
    if (!v || json_typeof(inner(v)) != JANSSON_INTEGER) return false;
    *out_r = json_integer_value(inner(v));
    return true;
}

bool json_double(const struct json *v, double *out_r)
{
    if (json_kind(v) != JSON_NUMBER) return false;
    *out_r = json_number_value(inner(v));
    return true;
}

bool json_bool(const struct json *v) { return v && json_typeof(inner(v)) == JANSSON_TRUE; }

size_t json_count(const struct json *v)
{
    switch (json_kind(v)) {
    case JSON_ARRAY:
        return json_array_size(inner(v));
    case JSON_OBJECT:
        return json_object_size(inner(v));
    default:
        return 0;
    }
}

const struct json *json_at(const struct json *array, size_t i)
{
    if (json_kind(array) != JSON_ARRAY) return NULL;
    return outer(json_array_get(inner(array), i));
}

const struct json *json_path(const struct json *v, struct str path)
{
    struct str step;
    char key[128];
    u64 index;
    while (v && path.n) {
        str_cut(path, '.', &step, &path);
        if (json_kind(v) == JSON_ARRAY) {
            v = str_u64(step, SIZE_MAX, &index) ? json_at(v, index) : NULL;
            continue;
        }
        if (step.n >= sizeof key) return NULL;
        memcpy(key, step.p, step.n);
        key[step.n] = '\0';
        v = json_get(v, key);
    }
    return v;
}

const char *json_next_key(const struct json *object, const char *key)
{
    if (json_kind(object) != JSON_OBJECT) return NULL;
    json_t *o = inner(object);
    void *at = key ? json_object_iter_next(o, json_object_iter_at(o, key)) : json_object_iter(o);
    return at ? json_object_iter_key(at) : NULL;
}

static int write_piece(const char *p, size_t n, void *arg)
{
    text_add(arg, (struct str){p, n});
    return 0;
}

void json_write(const struct json *v, struct text *out)
{
    if (v)
        json_dump_callback(inner(v), write_piece, out, JSON_COMPACT | JSON_ENCODE_ANY);
    else
        text_add(out, STR("null"));
}
