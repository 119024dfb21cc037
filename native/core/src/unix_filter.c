/* sendfile(2), splice(2) and packet filters. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

#if defined(__linux__)
#include <fcntl.h>
#include <linux/filter.h>
#include <sys/sendfile.h>

_Static_assert(sizeof(sock_instruction) == sizeof(struct sock_filter), "the same layout");
_Static_assert(offsetof(sock_instruction, k) == offsetof(struct sock_filter, k), "same order");

/* BPF_MAXINSNS */
#define LONGEST_PROGRAM 4096

int64_t sock_send_file(sock_handle socket, int64_t file, int64_t offset, size_t length) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const int source = sock_descriptor(file);
  if (source < 0) return source;
  off_t at = (off_t)offset;
  const ssize_t sent = sendfile(descriptor, source, &at, length);
  return sent < 0 ? sock_fail() : sent;
}

/* What a pipe holds that an unprivileged user may make: /proc/sys/fs/pipe-max-size, unless it is changed. */
#define LARGEST_PIPE (1 << 20)

int sock_pipe(sock_handle out[2]) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return sock_fail();
  /* Fewer calls move the same. It stays as small as it is if the user has too many pipes: pipe(7). */
  (void)fcntl(ends[1], F_SETPIPE_SZ, LARGEST_PIPE);
  out[0] = ends[0];
  out[1] = ends[1];
  return 0;
}

static ssize_t splice_piece(int from, int to, size_t length) {
  return splice(from, NULL, to, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

int sock_splice(sock_handle from, const sock_handle pipe[2], sock_handle to, uint32_t most,
                uint32_t small, sock_spliced *spliced) {
  const int source = sock_descriptor(from), target = sock_descriptor(to);
  const int out = sock_descriptor(pipe[0]), into = sock_descriptor(pipe[1]);
  spliced->sent = 0;
  spliced->piece = 0;
  if (source < 0 || target < 0 || out < 0 || into < 0) return -EBADF;
  while (spliced->sent < most) {
    if (spliced->held == 0) {
      if (spliced->piece > 0 && spliced->piece <= small) break;
      const ssize_t received = splice_piece(source, into, LARGEST_PIPE);
      if (received == 0) return SOCK_SPLICE_END;
      if (received < 0) return errno == EAGAIN ? SOCK_SPLICE_RECV : sock_fail();
      spliced->held = spliced->piece = (uint32_t)received;
    }
    const ssize_t sent = splice_piece(out, target, spliced->held);
    if (sent < 0) return errno == EAGAIN ? SOCK_SPLICE_SEND : sock_fail();
    spliced->held -= (uint32_t)sent;
    spliced->sent += (uint32_t)sent;
  }
  return SOCK_SPLICE_MORE;
}

int sock_attach_filter(sock_handle socket, const sock_instruction *program, size_t count,
                       int reuse_port) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (count == 0 || count > LONGEST_PROGRAM) return -EINVAL;
  struct sock_filter code[LONGEST_PROGRAM];
  memcpy(code, program, count * sizeof(code[0]));
  const struct sock_fprog whole = {(unsigned short)count, code};
  const int name = reuse_port ? SO_ATTACH_REUSEPORT_CBPF : SO_ATTACH_FILTER;
  return setsockopt(descriptor, SOL_SOCKET, name, &whole, sizeof(whole)) < 0 ? sock_fail() : 0;
}

#else

int64_t sock_send_file(sock_handle socket, int64_t file, int64_t offset, size_t length) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const int source = sock_descriptor(file);
  if (source < 0) return source;
#if defined(__APPLE__)
  off_t sent = (off_t)length;
  if (sendfile(source, descriptor, (off_t)offset, &sent, NULL, 0) == 0 || sent > 0) return sent;
  return sock_fail();
#elif defined(__FreeBSD__) || defined(__DragonFly__)
  off_t sent = 0;
  if (sendfile(source, descriptor, (off_t)offset, length, NULL, &sent, 0) == 0 || sent > 0) {
    return sent;
  }
  return sock_fail();
#else
  (void)offset, (void)length;
  return -SOCK_EUNSUPPORTED;
#endif
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
  return sock_descriptor(from) < 0 || sock_descriptor(to) < 0 ? -EBADF : -SOCK_EUNSUPPORTED;
}

int sock_attach_filter(sock_handle socket, const sock_instruction *program, size_t count,
                       int reuse_port) {
  (void)program, (void)count, (void)reuse_port;
  return sock_descriptor(socket) < 0 ? -EBADF : -SOCK_EUNSUPPORTED;
}

#endif
#endif
