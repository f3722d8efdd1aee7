// zlib.
#pragma once

#include <zlib.h>

// A macro in zlib. 15 + 32: the largest window, and gzip's or zlib's header, whichever comes.
static inline int almagest_inflate_init(z_streamp stream) { return inflateInit2(stream, 15 + 32); }
