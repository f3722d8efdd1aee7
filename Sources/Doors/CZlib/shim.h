// zlib: deflate and gzip.
#pragma once

#include <zlib.h>
