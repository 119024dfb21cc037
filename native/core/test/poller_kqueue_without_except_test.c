/* poller_kqueue_test.c on a system without the filter for out-of-band data. */
#define TEST_KQUEUE_WITHOUT_EXCEPT 1
#include "poller_kqueue_test.c"
