/* poller_test.c with the code of the BSD family, over a model of kqueue(2). */
#define SOCK_SYSTEM_BSD 1
#define sock_poller_open sock_queue_open
#define sock_poller_add sock_queue_add
#define sock_poller_modify sock_queue_modify
#define sock_poller_remove sock_queue_remove
#define sock_poller_waker sock_queue_waker
#define sock_poller_wake sock_queue_wake
#define sock_poller_wait sock_queue_wait
#define sock_poller_close sock_queue_close
#include "../src/poller_kqueue.c"

#include "poller_test.c"
