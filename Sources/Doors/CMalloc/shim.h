// glibc's allocator: what its Swift module leaves out.
#pragma once

#include <malloc.h>
