/*
 * The limit: each case as a plain C loop over the system's calls. Reads "CASE COUNT" lines, answers
 * "CASE NANOSECONDS", the time of one operation.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
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
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(listener >= 0, "socket");
  struct sockaddr_in address = bind_loopback(listener);
  must(listen(listener, 1) == 0, "listen");
  pair[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(connect(pair[0], (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  pair[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  must(pair[1] >= 0, "accept4");
  const int on = 1;
  must(setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "setsockopt");
  close(listener);
}

static double udp(long count) {
  const int descriptor = udp_to_itself();
  const double start = now();
  for (long i = 0; i < count; i++) {
    must(send(descriptor, buffer, 64, MSG_NOSIGNAL) == 64, "send");
    must(recv(descriptor, buffer, 64, 0) == 64, "recv");
  }
  const double time = now() - start;
  close(descriptor);
  return time;
}

static double udp_recvfrom(long count) {
  struct sockaddr_in address;
  const int descriptor = udp_socket(&address);
  const double start = now();
  for (long i = 0; i < count; i++) {
    struct sockaddr_storage from;
    socklen_t length = sizeof(from);
    must(sendto(descriptor, buffer, 64, MSG_NOSIGNAL, (struct sockaddr *)&address,
                sizeof(address)) == 64,
         "sendto");
    must(recvfrom(descriptor, buffer, 64, 0, (struct sockaddr *)&from, &length) == 64, "recvfrom");
  }
  const double time = now() - start;
  close(descriptor);
  return time;
}

static double tcp(long count, size_t size) {
  int pair[2];
  tcp_pair(pair);
  const double start = now();
  for (long i = 0; i < count; i++) {
    must(send(pair[0], buffer, size, MSG_NOSIGNAL) == (ssize_t)size, "send");
    for (size_t got = 0; got < size;) {
      const ssize_t received = recv(pair[1], buffer, sizeof(buffer), 0);
      must(received > 0, "recv");
      got += (size_t)received;
    }
  }
  const double time = now() - start;
  close(pair[0]);
  close(pair[1]);
  return time;
}

static double tcp_small(long count) {
  return tcp(count, 64);
}
static double tcp_large(long count) {
  return tcp(count, sizeof(buffer));
}

static double get_option(long count) {
  struct sockaddr_in address;
  const int descriptor = udp_socket(&address);
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
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(descriptor >= 0, "socket");
    must(close(descriptor) == 0, "close");
  }
  return now() - start;
}

static const struct {
  const char *name;
  double (*run)(long count);
} cases[] = {
    {"udp-64", udp},        {"udp-64-recvfrom", udp_recvfrom}, {"tcp-64", tcp_small},
    {"tcp-64k", tcp_large}, {"getsockopt", get_option},        {"socket-close", open_close}};

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
    if (!known) printf("%s missing\n", name);
  }
  return 0;
}
