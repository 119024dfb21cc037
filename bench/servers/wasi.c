/*
 * The servers for WASI, which has poll(2) and no epoll: `wasi echo|accept|flood|bulk`. A datagram of one
 * byte asks for what came so far: how many, and how many bytes.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 128 };

static char buffer[65536];

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static int bound(int type) {
  const int fd = socket(AF_INET, type, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof(address);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  must(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  if (type == SOCK_STREAM) must(listen(fd, 4096) == 0, "listen");
  must(getsockname(fd, (struct sockaddr *)&address, &length) == 0, "getsockname");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

/* Whether the connection goes on. */
static int echo(int fd) {
  const ssize_t length = recv(fd, buffer, sizeof(buffer), 0);
  if (length <= 0) return 0;
  for (ssize_t sent = 0; sent < length;) {
    const ssize_t more = send(fd, buffer + sent, (size_t)(length - sent), 0);
    if (more < 0) return 0;
    sent += more;
  }
  return 1;
}

static void echo_server(void) {
  static struct pollfd fds[CONNECTIONS + 1];
  nfds_t count = 1;
  fds[0] = (struct pollfd){.fd = bound(SOCK_STREAM), .events = POLLIN};
  for (;;) {
    must(poll(fds, count, -1) > 0, "poll");
    if ((fds[0].revents & POLLIN) && count <= CONNECTIONS) {
      const int fd = accept(fds[0].fd, NULL, NULL);
      if (fd >= 0) fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    for (nfds_t i = count - 1; i > 0; i--) {
      if (fds[i].revents == 0 || echo(fds[i].fd)) continue;
      close(fds[i].fd);
      fds[i] = fds[--count];
    }
  }
}

static void accept_server(void) {
  const int listener = bound(SOCK_STREAM);
  for (;;) {
    const int fd = accept(listener, NULL, NULL);
    if (fd >= 0) close(fd);
  }
}

static void receiver(void) {
  const int fd = bound(SOCK_DGRAM);
  double datagrams = 0, bytes = 0;
  for (;;) {
    const ssize_t length = recv(fd, buffer, sizeof(buffer), 0);
    if (length < 0) continue;
    datagrams++;
    bytes += (double)length;
    if (length != 1) continue;
    printf("%d %.0f %.0f\n", (uint8_t)buffer[0], datagrams, bytes);
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  const char *const what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "echo")) echo_server();
  if (!strcmp(what, "accept")) accept_server();
  receiver();
  return 0;
}
