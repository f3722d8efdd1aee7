// hiredis, the C client of Redis.
#pragma once

#include <hiredis/hiredis.h>
