/*
 * Servers that move much, and their load: a relay, which joins the connections that it accepts in pairs, and a file
 * server. They are a part of c.c, whose functions they call.
 */
#include <poll.h>
#include <sys/sendfile.h>

/* One direction of a pair. */
struct flow {
  struct relayed *from, *to;
  int pipe[2];
  size_t held;
  int ended;
};

/* One connection of a pair: `out` is the flow that it receives for. */
struct relayed {
  int fd;
  struct flow out, *in;
};

enum { PIPE_SIZE = 1 << 20, HEAD = 256, FILE_SIZE = 64 << 20 };

/* Moves until one side would block. Returns 0 when the flow has ended or failed. */
static int move(struct flow *flow) {
  for (;;) {
    if (flow->held == 0) {
      if (flow->ended) return 0;
      const ssize_t got = splice(flow->from->fd, NULL, flow->pipe[1], NULL, PIPE_SIZE,
                                 SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (got < 0) return errno == EAGAIN;
      if (got == 0) {
        flow->ended = 1;
        shutdown(flow->to->fd, SHUT_WR);
        return 0;
      }
      flow->held = (size_t)got;
    }
    const ssize_t sent = splice(flow->pipe[0], NULL, flow->to->fd, NULL, flow->held,
                                SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (sent < 0) return errno == EAGAIN;
    flow->held -= (size_t)sent;
  }
}

static struct relayed *relayed(int fd) {
  struct relayed *const one = calloc(1, sizeof(*one));
  must(one != NULL && pipe2(one->out.pipe, O_NONBLOCK | O_CLOEXEC) == 0, "pipe2");
  fcntl(one->out.pipe[1], F_SETPIPE_SZ, PIPE_SIZE);
  one->fd = fd;
  nodelay(fd);
  return one;
}

static void relay_server(void) {
  const int listener = bound(SOCK_STREAM), epoll = epoll_create1(EPOLL_CLOEXEC);
  struct relayed *waiting = NULL;
  struct epoll_event events[256], add = {.events = EPOLLIN};
  nonblocking(listener);
  signal(SIGPIPE, SIG_IGN);
  must(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &add) == 0, "epoll_ctl");
  for (;;) {
    const int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      struct relayed *const one = events[i].data.ptr;
      if (one != NULL) {
        /* Edge-triggered: each direction goes as far as it can. */
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) move(&one->out);
        if (events[i].events & EPOLLOUT) move(one->in);
        continue;
      }
      for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        struct relayed *const next = relayed(fd);
        if (waiting == NULL) {
          waiting = next;
          continue;
        }
        struct relayed *const pair[] = {waiting, next};
        waiting = NULL;
        for (int k = 0; k < 2; k++) {
          pair[k]->out.from = pair[k];
          pair[k]->out.to = pair[1 - k];
          pair[k]->in = &pair[1 - k]->out;
        }
        for (int k = 0; k < 2; k++) {
          struct epoll_event both = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                                     .data = {.ptr = pair[k]}};
          must(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[k]->fd, &both) == 0, "epoll_ctl");
        }
      }
    }
  }
}

/* Sends into one end of a pair all the time, and counts what arrives at the other. */
static void relay_stream(int port, double ms) {
  static char data[1 << 18];
  struct pollfd ends[2] = {{.fd = connected(port), .events = POLLOUT}};
  ends[1] = (struct pollfd){.fd = connected(port), .events = POLLIN};
  nonblocking(ends[0].fd);
  nonblocking(ends[1].fd);
  const double end = now_ms() + ms;
  double bytes = 0;
  while (now_ms() < end) {
    must(poll(ends, 2, 5000) > 0, "the relay stopped");
    if (ends[0].revents & POLLOUT) (void)!send(ends[0].fd, data, sizeof(data), MSG_NOSIGNAL);
    if (!(ends[1].revents & POLLIN)) continue;
    const ssize_t got = recv(ends[1].fd, data, sizeof(data), MSG_TRUNC);
    must(got > 0, "recv");
    bytes += (double)got;
  }
  printf("%.0f\n", bytes);
}

/* Sends 64 bytes to and fro on each pair, and counts the round trips. */
static void relay_ping(int port, int pairs, double ms) {
  const int epoll = epoll_create1(0);
  struct epoll_event events[256];
  char message[64] = {0};
  for (int i = 0; i < pairs * 2; i++) {
    const int fd = connected(port);
    struct epoll_event add = {.events = EPOLLIN, .data = {.u64 = (uint64_t)fd << 1 | (i & 1)}};
    nonblocking(fd);
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &add);
    if ((i & 1) == 0) must(send(fd, message, sizeof(message), 0) == 64, "send");
  }
  const double end = now_ms() + ms;
  double done = 0;
  while (now_ms() < end) {
    const int count = epoll_wait(epoll, events, 256, 5000);
    must(count > 0, "the relay stopped");
    for (int i = 0; i < count; i++) {
      const int fd = (int)(events[i].data.u64 >> 1);
      if (recv(fd, message, sizeof(message), 0) != 64) continue;
      if ((events[i].data.u64 & 1) == 0) done++;
      (void)!send(fd, message, sizeof(message), MSG_NOSIGNAL);
    }
  }
  printf("%.0f\n", done);
}

/* Answers each request of one connection after the other with the same file. */
static void file_server(void) {
  FILE *const file = tmpfile();
  must(file != NULL && ftruncate(fileno(file), FILE_SIZE) == 0, "tmpfile");
  const int listener = bound(SOCK_STREAM);
  char head[HEAD], request[4096];
  const int length =
      snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", FILE_SIZE);
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    const int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    nodelay(client);
    while (recv(client, request, sizeof(request), 0) > 0) {
      off_t at = 0;
      if (send(client, head, (size_t)length, MSG_NOSIGNAL) < 0) break;
      while (at < FILE_SIZE && sendfile(client, fileno(file), &at, FILE_SIZE - (size_t)at) > 0) {
      }
    }
    close(client);
  }
}

/* Asks for the file again and again, and counts the bytes that arrive. */
static void fetch_file(int port, double ms) {
  static char data[1 << 18];
  static const char request[] = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n";
  const int fd = connected(port);
  const double end = now_ms() + ms;
  double bytes = 0;
  while (now_ms() < end) {
    must(send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0, "send");
    /* The head, byte by byte: what follows it is only counted. */
    for (int matched = 0; matched < 4;) {
      char c;
      must(recv(fd, &c, 1, 0) == 1, "recv");
      matched = c == "\r\n\r\n"[matched] ? matched + 1 : c == '\r';
    }
    for (double left = FILE_SIZE; left > 0;) {
      const size_t most = left < sizeof(data) ? (size_t)left : sizeof(data);
      const ssize_t got = recv(fd, data, most, MSG_TRUNC);
      must(got > 0, "recv");
      left -= (double)got;
      bytes += (double)got;
    }
  }
  printf("%.0f\n", bytes);
}
