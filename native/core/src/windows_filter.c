/* Operations that Windows does not have. */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

/* TransmitFile takes a HANDLE. The numbers of node's open files belong to its C library. */
int64_t sock_send_file(sock_handle socket, int64_t file, int64_t offset, size_t length) {
  (void)file, (void)offset, (void)length;
  return sock_socket(socket) == INVALID_SOCKET ? -EBADF : -SOCK_EUNSUPPORTED;
}

int sock_pipe(sock_handle out[2]) {
  (void)out;
  return -SOCK_EUNSUPPORTED;
}

int sock_splice(sock_handle from, const sock_handle pipe[2], sock_handle to, uint32_t most,
                uint32_t small, sock_spliced *spliced) {
  (void)pipe, (void)most, (void)small;
  spliced->sent = 0;
  spliced->piece = 0;
  const int open = sock_socket(from) != INVALID_SOCKET && sock_socket(to) != INVALID_SOCKET;
  return open ? -SOCK_EUNSUPPORTED : -EBADF;
}

int sock_attach_filter(sock_handle socket, const sock_instruction *program, size_t count,
                       int reuse_port) {
  (void)program, (void)count, (void)reuse_port;
  return sock_socket(socket) == INVALID_SOCKET ? -EBADF : -SOCK_EUNSUPPORTED;
}

#endif
