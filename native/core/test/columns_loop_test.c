/* columns_test.c with the code of the systems without recvmmsg(2) and UDP_SEGMENT. */
#define SOCK_BATCH_LOOP 1
#define sock_recv_batch sock_recv_batch_loop
#define sock_send_batch sock_send_batch_loop
#include "../src/unix_batch.c"

#include "columns_test.c"
