/*
 * The peers that the servers of the benchmark are measured against and with: the same servers in C, and
 * the load. Pinned to a processor by whoever starts them.
 *
 *   c echo                      an epoll echo server; prints its port
 *   c accept                    accepts and closes; prints its port
 *   c flood|bulk[-meta]         receives datagrams; prints its port, and for a datagram of one byte that
 *                               byte and what came so far: how many, and how many bytes. With -meta also reads
 *                               the ECN bits, the destination and the kernel's time of each
 *   c flood-loop                the receiver of flood in an event loop: epoll, and recvmmsg that does not wait
 *   c turn DATAGRAMS COUNT      sends to itself, and prints the median nanoseconds of the turn of that loop that
 *                               receives them
 *   c relay                     joins the connections that it accepts in pairs, by splice(2); prints its port
 *   c file                      answers each request with a file of 64 MiB, by sendfile(2); prints its port
 *   c load PORT CONNECTIONS MS  64 byte requests, one under way on each; prints requests a second
 *   c burst PORT PID COUNT MS   lets connections queue up while the server is stopped, and prints how many
 *                               it then accepts and closes a second
 *   c idle PORT CONNECTIONS     keeps connections open until end of input; prints `ready`
 *   c send PORT MS SIZE SEGMENTS  datagrams as fast as they go
 *   c relay-stream PORT MS      sends through a relay; prints the bytes that arrived
 *   c relay-ping PORT PAIRS MS  64 bytes to and fro through a relay; prints the round trips
 *   c fetch PORT MS             requests the file again and again; prints the bytes that arrived
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int bound(int type) {
  const int fd = socket(AF_INET, type, 0);
  struct sockaddr_in address = loopback(0);
  must(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  socklen_t length = sizeof(address);
  getsockname(fd, (struct sockaddr *)&address, &length);
  if (type == SOCK_STREAM) must(listen(fd, 4096) == 0, "listen");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void nonblocking(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void nodelay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* A connection, and what its peer was too slow to take. */
struct connection {
  int fd;
  uint32_t length;
  char *pending;
};

static void end(struct connection *connection) {
  close(connection->fd);
  free(connection->pending);
  free(connection);
}

static void wait_for(int epoll, int operation, struct connection *connection, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.ptr = connection}};
  must(epoll_ctl(epoll, operation, connection->fd, &event) == 0, "epoll_ctl");
}

static void accept_all(int epoll, int listener) {
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    struct connection *const connection = calloc(1, sizeof(*connection));
    must(connection != NULL, "calloc");
    connection->fd = fd;
    nodelay(fd);
    wait_for(epoll, EPOLL_CTL_ADD, connection, EPOLLIN);
  }
}

/* Whether the connection goes on. */
static int flush(int epoll, struct connection *connection) {
  const ssize_t sent = send(connection->fd, connection->pending, connection->length, MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN;
  connection->length -= (uint32_t)sent;
  memmove(connection->pending, connection->pending + sent, connection->length);
  if (connection->length > 0) return 1;
  free(connection->pending);
  connection->pending = NULL;
  wait_for(epoll, EPOLL_CTL_MOD, connection, EPOLLIN);
  return 1;
}

static int echo(int epoll, struct connection *connection) {
  static char buffer[65536];
  const ssize_t length = recv(connection->fd, buffer, sizeof(buffer), 0);
  if (length <= 0) return length < 0 && errno == EAGAIN;
  ssize_t sent = send(connection->fd, buffer, (size_t)length, MSG_NOSIGNAL);
  if (sent == length) return 1;
  if (sent < 0 && errno != EAGAIN) return 0;
  if (sent < 0) sent = 0;
  connection->length = (uint32_t)(length - sent);
  connection->pending = malloc(connection->length);
  must(connection->pending != NULL, "malloc");
  memcpy(connection->pending, buffer + sent, connection->length);
  wait_for(epoll, EPOLL_CTL_MOD, connection, EPOLLOUT);
  return 1;
}

static void echo_server(void) {
  struct connection listener = {.fd = bound(SOCK_STREAM)};
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[256];
  nonblocking(listener.fd);
  wait_for(epoll, EPOLL_CTL_ADD, &listener, EPOLLIN);
  for (;;) {
    const int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      struct connection *const connection = events[i].data.ptr;
      if (connection == &listener) {
        accept_all(epoll, listener.fd);
      } else if (!(connection->pending ? flush : echo)(epoll, connection)) {
        end(connection);
      }
    }
  }
}

static void accept_server(void) {
  const int listener = bound(SOCK_STREAM);
  for (;;) {
    const int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client >= 0) close(client);
  }
}

/* What came with the datagrams. It is printed at the end, so the compiler has to make it. */
static struct {
  double ecn[4];
  uint32_t destination;
  int64_t time;
} meta;

static void read_meta(struct msghdr *message) {
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_TOS) {
      meta.ecn[*CMSG_DATA(part) & 3]++;
    } else if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(part), sizeof(info));
      meta.destination = info.ipi_addr.s_addr;
    } else if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS) {
      struct timespec time;
      memcpy(&time, CMSG_DATA(part), sizeof(time));
      meta.time = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
    }
  }
}

static void receiver(int bulk, int with_meta) {
  enum { BATCH = 64, CONTROL = 192 };
  const int fd = bound(SOCK_DGRAM);
  const int size = 4 << 20, on = 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
  if (bulk) setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on));
  if (with_meta) {
    must(setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on)) == 0, "IP_RECVTOS");
    must(setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0, "IP_PKTINFO");
    must(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0, "SO_TIMESTAMPNS");
  }
  const size_t room = bulk ? 65536 : 2048;
  char *const arena = malloc(BATCH * room);
  static struct mmsghdr messages[BATCH];
  static struct iovec pieces[BATCH];
  static _Alignas(struct cmsghdr) char controls[BATCH][CONTROL];
  must(arena != NULL, "malloc");
  double datagrams = 0, bytes = 0;
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      pieces[i] = (struct iovec){arena + (size_t)i * room, room};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
      if (!with_meta) continue;
      messages[i].msg_hdr.msg_control = controls[i];
      messages[i].msg_hdr.msg_controllen = CONTROL;
    }
    const int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    if (count < 0) continue;
    datagrams += count;
    for (int i = 0; i < count; i++) {
      bytes += messages[i].msg_len;
      if (with_meta) read_meta(&messages[i].msg_hdr);
      if (messages[i].msg_len != 1) continue;
      printf("%d %.0f %.0f\n", (uint8_t)arena[(size_t)i * room], datagrams, bytes);
      fflush(stdout);
    }
    if (with_meta && datagrams < 0)
      printf("%f %u %lld", meta.ecn[0], meta.destination, (long long)meta.time);
  }
}

/* The most batches between two calls of epoll_wait, for all sockets that are ready. The rest of the program waits. */
enum { TURN_BATCHES = 16 };

/* What came so far. */
static double loop_datagrams, loop_bytes;

static int loop_of(int fd) {
  const int size = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event add = {.events = EPOLLIN, .data = {.fd = fd}};
  must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &add) == 0, "epoll_ctl");
  return epoll;
}

static void loop_turn(int epoll) {
  enum { BATCH = 64, ROOM = 2048 };
  static char arena[BATCH * ROOM];
  static struct mmsghdr messages[BATCH];
  static struct iovec pieces[BATCH];
  struct epoll_event events[256];
  const int ready = epoll_wait(epoll, events, 256, -1);
  for (int event = 0; event < ready; event++) {
    for (int left = TURN_BATCHES; left > 0; left -= ready) {
      for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec){arena + (size_t)i * ROOM, ROOM};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
      }
      const int count = recvmmsg(events[event].data.fd, messages, BATCH, MSG_DONTWAIT, NULL);
      if (count < 0) break;
      loop_datagrams += count;
      for (int i = 0; i < count; i++) {
        loop_bytes += messages[i].msg_len;
        if (messages[i].msg_len != 1) continue;
        printf("%d %.0f %.0f\n", (uint8_t)arena[(size_t)i * ROOM], loop_datagrams, loop_bytes);
        fflush(stdout);
      }
      /* It was the last: the next call would find nothing. */
      if (count < BATCH) break;
    }
  }
}

static void loop_receiver(void) {
  const int epoll = loop_of(bound(SOCK_DGRAM));
  for (;;) loop_turn(epoll);
}

static int by_size(const void *one, const void *other) {
  const double first = *(const double *)one, second = *(const double *)other;
  return first < second ? -1 : first > second;
}

static void turns(int datagrams, int count) {
  enum { MOST = 1024 };
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof(address);
  must(fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0 &&
           getsockname(fd, (struct sockaddr *)&address, &length) == 0 &&
           connect(fd, (struct sockaddr *)&address, length) == 0,
       "connect");
  must(datagrams > 0 && datagrams <= MOST, "turn");
  const int epoll = loop_of(fd);
  static char data[64];
  static struct mmsghdr messages[MOST];
  struct iovec piece = {data, sizeof(data)};
  for (int i = 0; i < MOST; i++)
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &piece, .msg_iovlen = 1};
  double *const times = calloc((size_t)count, sizeof(*times));
  must(times != NULL, "calloc");
  for (int turn = 0; turn < count; turn++) {
    must(sendmmsg(fd, messages, (unsigned)datagrams, 0) == datagrams, "sendmmsg");
    const double all = loop_datagrams + datagrams;
    const double start = now_ms();
    while (loop_datagrams < all) loop_turn(epoll);
    times[turn] = (now_ms() - start) * 1e6;
  }
  qsort(times, (size_t)count, sizeof(*times), by_size);
  printf("%.0f\n", times[count / 2]);
}

static int connected(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const struct sockaddr_in address = loopback(port);
  must(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  nodelay(fd);
  return fd;
}

static void load(int port, int connections, double ms) {
  const int epoll = epoll_create1(0);
  char message[64] = {0}, buffer[4096];
  for (int i = 0; i < connections; i++) {
    const int fd = connected(port);
    struct epoll_event add = {.events = EPOLLIN, .data = {.fd = fd}};
    nonblocking(fd);
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &add);
    must(send(fd, message, sizeof(message), MSG_NOSIGNAL) == 64, "send");
  }
  double done = 0, start = 0;
  /* Accepting many connections takes longer, and so does an engine that compiles the server meanwhile. */
  const double warm = now_ms() + (connections < 1000 ? ms / 4 : 2 * ms);
  struct epoll_event events[256];
  for (;;) {
    const int count = epoll_wait(epoll, events, 256, 5000);
    must(count > 0, "the server stopped answering");
    for (int i = 0; i < count; i++) {
      const int fd = events[i].data.fd;
      if (recv(fd, buffer, sizeof(buffer), 0) <= 0) continue;
      done++;
      (void)!send(fd, message, sizeof(message), MSG_NOSIGNAL);
    }
    const double now = now_ms();
    if (start == 0 && now > warm) {
      start = now;
      done = 0;
    }
    if (start > 0 && now > start + ms) {
      printf("%.1f\n", done / (now - start) * 1e3);
      exit(0);
    }
  }
}

static int is_stopped(int pid) {
  char path[64], state = 0;
  snprintf(path, sizeof(path), "/proc/%d/stat", pid);
  FILE *const file = fopen(path, "r");
  must(file != NULL, path);
  must(fscanf(file, "%*d (%*[^)]) %c", &state) == 1, path);
  fclose(file);
  return state == 'T';
}

/* Returns the milliseconds that the server takes for all of them. */
static double burst(int port, int pid, int count) {
  const struct linger reset = {1, 0};
  const int epoll = epoll_create1(0);
  int fds[count];
  kill(pid, SIGSTOP);
  while (!is_stopped(pid)) usleep(100);
  for (int i = 0; i < count; i++) {
    fds[i] = connected(port);
    setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    struct epoll_event closed = {.events = EPOLLRDHUP | EPOLLONESHOT};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &closed);
  }
  const double start = now_ms();
  kill(pid, SIGCONT);
  for (int left = count; left > 0;) {
    struct epoll_event events[256];
    const int ready = epoll_wait(epoll, events, 256, 5000);
    must(ready > 0, "the server stopped accepting");
    left -= ready;
  }
  const double time = now_ms() - start;
  for (int i = 0; i < count; i++) close(fds[i]);
  close(epoll);
  return time;
}

static void bursts(int port, int pid, int count, double ms) {
  const double begin = now_ms();
  double done = 0, time = 0;
  while (now_ms() - begin < ms / 4) burst(port, pid, count);
  while (now_ms() - begin < ms + ms / 4) {
    time += burst(port, pid, count);
    done += count;
  }
  printf("%.1f\n", done / time * 1e3);
}

static void idle(int port, int connections) {
  for (int i = 0; i < connections; i++) connected(port);
  puts("ready");
  fflush(stdout);
  (void)!read(0, &connections, 1);
}

static void sender(int port, double ms, size_t size, int segments) {
  enum { BATCH = 32 };
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const struct sockaddr_in address = loopback(port);
  must(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  if (segments > 1) {
    const int segment = (int)size;
    must(setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)) == 0, "UDP_SEGMENT");
  }
  static char data[65536];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec piece = {data, size * (size_t)segments};
  for (int i = 0; i < BATCH; i++)
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &piece, .msg_iovlen = 1};
  const double end = now_ms() + ms;
  while (now_ms() < end) (void)sendmmsg(fd, messages, BATCH, 0);
}

#include "streams.h"

int main(int argc, char **argv) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const char *const what = argc > 1 ? argv[1] : "";
  const int port = argc > 2 ? atoi(argv[2]) : 0;
  if (!strcmp(what, "echo")) echo_server();
  if (!strcmp(what, "accept")) accept_server();
  if (!strcmp(what, "flood")) receiver(0, 0);
  if (!strcmp(what, "flood-loop")) loop_receiver();
  if (!strcmp(what, "bulk")) receiver(1, 0);
  if (!strcmp(what, "flood-meta")) receiver(0, 1);
  if (!strcmp(what, "bulk-meta")) receiver(1, 1);
  if (!strcmp(what, "turn") && argc > 3) turns(port, atoi(argv[3]));
  if (!strcmp(what, "relay")) relay_server();
  if (!strcmp(what, "file")) file_server();
  if (!strcmp(what, "relay-stream") && argc > 3) relay_stream(port, atof(argv[3]));
  if (!strcmp(what, "relay-ping") && argc > 4) relay_ping(port, atoi(argv[3]), atof(argv[4]));
  if (!strcmp(what, "fetch") && argc > 3) fetch_file(port, atof(argv[3]));
  if (!strcmp(what, "load") && argc > 4) load(port, atoi(argv[3]), atof(argv[4]));
  if (!strcmp(what, "burst") && argc > 5) bursts(port, atoi(argv[3]), atoi(argv[4]), atof(argv[5]));
  if (!strcmp(what, "idle") && argc > 3) idle(port, atoi(argv[3]));
  if (!strcmp(what, "send") && argc > 5)
    sender(port, atof(argv[3]), (size_t)atoi(argv[4]), atoi(argv[5]));
  return 0;
}
