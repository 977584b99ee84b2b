// Found by pkg-config: Debian's libpq-dev.
#include <libpq-fe.h>
