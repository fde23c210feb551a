/* One-time passwords, for the tool and for the desk: printed or shown once, changed at the first sign-in. */
#pragma once

#define ONE_TIME_MAX      16
#define ONE_TIME_HALF_MAX 12

/* Three groups of four letters and digits without look-alikes: 59 bits, easily read out on the telephone. */
void one_time_password(char out[ONE_TIME_MAX]);
/* Two groups, 39 bits: what one of two persons learns of a password whose whole is FIRST-SECOND. Whoever knows one half has as many tries for
 * the other as the lock-out of sign-ins leaves. */
void one_time_half(char out[ONE_TIME_HALF_MAX]);
