/* What a file is, by its first bytes: never by its name or by what the sender calls it (promise P12). Called by the gateway before a
 * file goes to the worker, and by the worker again, which trusts nobody. Pure. */
#pragma once
#include "base/str.h"

/* clang-format off */
#define MEDIA_TYPES(X) /* id, word in the database, media type, ending of a name that we make */ \
    X(JPEG, "jpeg", "image/jpeg", "jpg") \
    X(PNG, "png", "image/png", "png") \
    X(WEBP, "webp", "image/webp", "webp") \
    X(HEIC, "heic", "image/heic", "heic") \
    X(GIF, "gif", "image/gif", "gif") \
    X(MP4, "mp4", "video/mp4", "mp4") X(WEBM, "webm", "video/webm", "webm")
/* clang-format on */
enum media_type {
#define X(id, word, mime, ending) MEDIA_##id,
    MEDIA_TYPES(X)
#undef X
        MEDIA_TYPES_N
};

/* False: none that we take. Signatures: ITU-T T.81 B.1.1.3 (JPEG), PNG 3rd ed. 5.2, RFC 9649 2.4 (WebP), GIF89a 17,
 * ISO/IEC 14496-12 4.3 (ftyp; HEIC brands of ISO/IEC 23008-12 B.4), RFC 8794 11.2 and RFC 9559 (EBML, DocType "webm"). */
bool filetype_of(struct str bytes, enum media_type *type_r) MUST_CHECK;
/* Words of the table; static texts. */
bool filetype_video(enum media_type t);
const char *filetype_word(enum media_type t);
const char *filetype_mime(enum media_type t);
const char *filetype_ending(enum media_type t);
/* The word in the database; false when it is none of the table. */
bool filetype_parse(struct str word, enum media_type *type_r) MUST_CHECK;
