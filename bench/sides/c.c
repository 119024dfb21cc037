/*
 * The limit: each case as a plain C loop over the system's calls. Reads "CASE COUNT" lines, answers
 * "CASE NANOSECONDS", the time of one operation, or "CASE missing REASON". Compiled to WASI too.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <fcntl.h>
#include <linux/errqueue.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#endif

/* WASI has neither signals nor programs to execute. */
#if defined(__wasi__)
#define SEND_FLAGS 0
#define TYPE_FLAGS 0
#else
#define SEND_FLAGS MSG_NOSIGNAL
#define TYPE_FLAGS SOCK_CLOEXEC
#endif

enum { PIECES = 8, PIECE = 128 };

static char buffer[65536];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static struct sockaddr_in bind_loopback(int descriptor) {
  struct sockaddr_in address;
  socklen_t length = sizeof(address);
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  must(bind(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  must(getsockname(descriptor, (struct sockaddr *)&address, &length) == 0, "getsockname");
  return address;
}

static int udp_socket(struct sockaddr_in *address) {
  const int descriptor = socket(AF_INET, SOCK_DGRAM | TYPE_FLAGS, 0);
  must(descriptor >= 0, "socket");
  *address = bind_loopback(descriptor);
  return descriptor;
}

static int udp_to_itself(void) {
  struct sockaddr_in address;
  const int descriptor = udp_socket(&address);
  must(connect(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  return descriptor;
}

static void tcp_pair(int pair[2]) {
  const int listener = socket(AF_INET, SOCK_STREAM | TYPE_FLAGS, 0);
  must(listener >= 0, "socket");
  struct sockaddr_in address = bind_loopback(listener);
  must(listen(listener, 1) == 0, "listen");
  pair[0] = socket(AF_INET, SOCK_STREAM | TYPE_FLAGS, 0);
  must(connect(pair[0], (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  pair[1] = accept4(listener, NULL, NULL, TYPE_FLAGS);
  must(pair[1] >= 0, "accept4");
  const int on = 1;
  must(setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "setsockopt");
  close(listener);
}

static double udp_on(int descriptor, long count) {
  const double start = now();
  for (long i = 0; i < count; i++) {
    must(send(descriptor, buffer, 64, SEND_FLAGS) == 64, "send");
    must(recv(descriptor, buffer, 64, 0) == 64, "recv");
  }
  const double time = now() - start;
  close(descriptor);
  return time;
}

static double udp(long count) {
  return udp_on(udp_to_itself(), count);
}

static double udp_recvfrom(long count) {
  struct sockaddr_in address;
  const int descriptor = udp_socket(&address);
  const double start = now();
  for (long i = 0; i < count; i++) {
    struct sockaddr_storage from;
    socklen_t length = sizeof(from);
    must(sendto(descriptor, buffer, 64, SEND_FLAGS, (struct sockaddr *)&address, sizeof(address)) ==
             64,
         "sendto");
    must(recvfrom(descriptor, buffer, 64, 0, (struct sockaddr *)&from, &length) == 64, "recvfrom");
  }
  const double time = now() - start;
  close(descriptor);
  return time;
}

static void receive(int descriptor, size_t size) {
  for (size_t got = 0; got < size;) {
    const ssize_t received = recv(descriptor, buffer, sizeof(buffer), 0);
    must(received > 0, "recv");
    got += (size_t)received;
  }
}

/* Sends and receives with `exchange`, over a connection. */
static double over_tcp(long count, void (*exchange)(const int pair[2], long i, void *context),
                       void *context) {
  int pair[2];
  tcp_pair(pair);
  const double start = now();
  for (long i = 0; i < count; i++) exchange(pair, i, context);
  const double time = now() - start;
  close(pair[0]);
  close(pair[1]);
  return time;
}

static void exchange(const int pair[2], long i, void *context) {
  (void)i;
  const size_t size = *(const size_t *)context;
  must(send(pair[0], buffer, size, SEND_FLAGS) == (ssize_t)size, "send");
  receive(pair[1], size);
}

static double tcp_small(long count) {
  size_t size = 64;
  return over_tcp(count, exchange, &size);
}

static double tcp_large(long count) {
  size_t size = sizeof(buffer);
  return over_tcp(count, exchange, &size);
}

static double get_option(long count) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | TYPE_FLAGS, 0);
  must(descriptor >= 0, "socket");
  const double start = now();
  for (long i = 0; i < count; i++) {
    int value = 1;
    socklen_t length = sizeof(value);
    must(getsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &value, &length) == 0 && value == 0,
         "getsockopt");
  }
  const double time = now() - start;
  close(descriptor);
  return time;
}

static double open_close(long count) {
  const double start = now();
  for (long i = 0; i < count; i++) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | TYPE_FLAGS, 0);
    must(descriptor >= 0, "socket");
    must(close(descriptor) == 0, "close");
  }
  return now() - start;
}

#if defined(__linux__)

static int memory_file(void) {
  const int file = memfd_create("sock-bench", MFD_CLOEXEC);
  must(file >= 0 && ftruncate(file, sizeof(buffer)) == 0, "memfd_create");
  return file;
}

static void read_and_send(const int pair[2], long i, void *file) {
  (void)i;
  must(pread(*(int *)file, buffer, sizeof(buffer), 0) == sizeof(buffer), "pread");
  must(send(pair[0], buffer, sizeof(buffer), SEND_FLAGS) == sizeof(buffer), "send");
  receive(pair[1], sizeof(buffer));
}

static void send_file(const int pair[2], long i, void *file) {
  (void)i;
  off_t offset = 0;
  must(sendfile(pair[0], *(int *)file, &offset, sizeof(buffer)) == sizeof(buffer), "sendfile");
  receive(pair[1], sizeof(buffer));
}

static double file_read(long count) {
  int file = memory_file();
  const double time = over_tcp(count, read_and_send, &file);
  close(file);
  return time;
}

static double file_sendfile(long count) {
  int file = memory_file();
  const double time = over_tcp(count, send_file, &file);
  close(file);
  return time;
}

/* Reads completions until that of send `i` is among them. */
static void complete(int descriptor, uint32_t i) {
  for (;;) {
    char control[128];
    struct msghdr message = {.msg_control = control, .msg_controllen = sizeof(control)};
    if (recvmsg(descriptor, &message, MSG_ERRQUEUE) < 0) continue;
    struct cmsghdr *const part = CMSG_FIRSTHDR(&message);
    must(part != NULL, "MSG_ERRQUEUE");
    struct sock_extended_err error;
    memcpy(&error, CMSG_DATA(part), sizeof(error));
    must(error.ee_origin == SO_EE_ORIGIN_ZEROCOPY, "SO_EE_ORIGIN_ZEROCOPY");
    if (error.ee_data == i) return;
  }
}

static void send_zerocopy(const int pair[2], long i, void *context) {
  (void)context;
  const int on = 1;
  if (i == 0)
    must(setsockopt(pair[0], SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) == 0, "SO_ZEROCOPY");
  const ssize_t sent = send(pair[0], buffer, sizeof(buffer), SEND_FLAGS | MSG_ZEROCOPY);
  must(sent == sizeof(buffer), "send");
  receive(pair[1], sizeof(buffer));
  complete(pair[0], (uint32_t)i);
}

static double zerocopy(long count) {
  return over_tcp(count, send_zerocopy, NULL);
}

static void send_pieces(int descriptor) {
  for (int piece = 0; piece < PIECES; piece++)
    must(send(descriptor, buffer, PIECE, SEND_FLAGS) == PIECE, "send");
}

static void in_pieces(const int pair[2], long i, void *context) {
  (void)i;
  (void)context;
  send_pieces(pair[0]);
  receive(pair[1], PIECES * PIECE);
}

static void in_corked_pieces(const int pair[2], long i, void *context) {
  (void)i;
  (void)context;
  const int on = 1, off = 0;
  must(setsockopt(pair[0], IPPROTO_TCP, TCP_CORK, &on, sizeof(on)) == 0, "TCP_CORK");
  send_pieces(pair[0]);
  must(setsockopt(pair[0], IPPROTO_TCP, TCP_CORK, &off, sizeof(off)) == 0, "TCP_CORK");
  receive(pair[1], PIECES * PIECE);
}

static double pieces(long count) {
  return over_tcp(count, in_pieces, NULL);
}

static double corked(long count) {
  return over_tcp(count, in_corked_pieces, NULL);
}

static double udp_with(long count, int option, int value) {
  const int descriptor = udp_to_itself();
  must(setsockopt(descriptor, SOL_SOCKET, option, &value, sizeof(value)) == 0, "setsockopt");
  return udp_on(descriptor, count);
}

static double busy_poll(long count) {
  return udp_with(count, SO_BUSY_POLL, 50);
}

static double incoming_cpu(long count) {
  return udp_with(count, SO_INCOMING_CPU, 0);
}

#endif

static const struct {
  const char *name;
  double (*run)(long count);
} cases[] = {
    {"udp-64", udp},
    {"udp-64-recvfrom", udp_recvfrom},
    {"tcp-64", tcp_small},
    {"tcp-64k", tcp_large},
    {"getsockopt", get_option},
    {"socket-close", open_close},
#if defined(__linux__)
    {"file-64k-read", file_read},
    {"file-64k-sendfile", file_sendfile},
    {"tcp-64k-zerocopy", zerocopy},
    {"tcp-8x128", pieces},
    {"tcp-8x128-cork", corked},
    {"udp-64-busy-poll", busy_poll},
    {"udp-64-incoming-cpu", incoming_cpu},
#endif
};

int main(void) {
  char name[64];
  long count;
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (scanf("%63s %ld", name, &count) == 2) {
    int known = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
      if (strcmp(cases[i].name, name) != 0) continue;
      printf("%s %.3f\n", name, cases[i].run(count) / (double)count);
      known = 1;
    }
    if (!known) printf("%s missing measured in C and @sock/native only\n", name);
  }
  return 0;
}
