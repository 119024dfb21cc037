/*
 * What a C program does with sockets by libc: `sockets tcp|udp|lookup NAME|connect PORT|cat`. Prints what came of it; the
 * exit status is 1 when something failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wasi/wasip2.h>

static char buffer[65536];

static int fail(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  return address;
}

static int tcp(void) {
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof(address);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0) return fail("socket");
  if (bind(listener, (void *)&address, length) < 0) return fail("bind");
  if (listen(listener, 5) < 0) return fail("listen");
  getsockname(listener, (void *)&address, &length);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, (void *)&address, length) < 0) return fail("connect");
  const int server = accept(listener, NULL, NULL);
  if (server < 0) return fail("accept");
  long total = 0;
  for (int round = 0; round < 50; round++) {
    memset(buffer, round, sizeof(buffer));
    if (send(client, buffer, sizeof(buffer), 0) != sizeof(buffer)) return fail("send");
    for (size_t got = 0; got < sizeof(buffer);) {
      const ssize_t part = recv(server, buffer, sizeof(buffer) - got, 0);
      if (part <= 0) return fail("recv");
      for (ssize_t i = 0; i < part; i++) {
        if (buffer[i] != (char)round) return fail("wrong bytes");
      }
      got += (size_t)part;
      total += part;
    }
  }
  close(client);
  printf("tcp %ld, end %d\n", total, (int)recv(server, buffer, 1, 0));
  return 0;
}

static int udp(void) {
  struct sockaddr_in address = loopback(0);
  struct sockaddr_in from;
  socklen_t length = sizeof(address);
  const int receiver = socket(AF_INET, SOCK_DGRAM, 0);
  const int sender = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(receiver, (void *)&address, length) < 0) return fail("bind");
  getsockname(receiver, (void *)&address, &length);
  if (sendto(sender, "hello", 5, 0, (void *)&address, length) != 5) return fail("sendto");
  const ssize_t got = recvfrom(receiver, buffer, sizeof(buffer), 0, (void *)&from, &length);
  if (got < 0) return fail("recvfrom");
  printf("udp %.*s from %s\n", (int)got, buffer, inet_ntoa(from.sin_addr));
  return 0;
}

static int lookup(const char *name) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET};
  struct addrinfo *list;
  const int error = getaddrinfo(name, "80", &hints, &list);
  if (error != 0) return printf("lookup: %s\n", gai_strerror(error)), 1;
  printf("lookup %s\n", inet_ntoa(((struct sockaddr_in *)list->ai_addr)->sin_addr));
  return 0;
}

/* Never ends: one waits in the system, the other does not. */
static int wait_forever(void) {
  struct sockaddr_in address = loopback(0);
  const int receiver = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(receiver, (void *)&address, sizeof(address)) < 0) return fail("bind");
  return (int)recv(receiver, buffer, sizeof(buffer), 0);
}

static int spin_forever(void) {
  for (volatile int turn = 0;; turn++) {
  }
}

static int get(int port) {
  const struct sockaddr_in address = loopback(port);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, (const void *)&address, sizeof(address)) < 0) return fail("connect");
  const ssize_t got = recv(client, buffer, sizeof(buffer), 0);
  if (got < 0) return fail("recv");
  printf("got %.*s\n", (int)got, buffer);
  return 0;
}

/* libc's getcwd does not ask for it. */
static int initial_cwd(void) {
  wasip2_string_t cwd;
  if (!environment_initial_cwd(&cwd)) return puts("none"), 0;
  printf("%.*s\n", (int)cwd.len, (const char *)cwd.ptr);
  return 0;
}

int main(int count, char **arguments) {
  const char *const what = count > 1 ? arguments[1] : "";
  const char *const argument = count > 2 ? arguments[2] : "";
  if (strcmp(what, "tcp") == 0) return tcp();
  if (strcmp(what, "udp") == 0) return udp();
  if (strcmp(what, "lookup") == 0) return lookup(argument);
  if (strcmp(what, "connect") == 0) return get(atoi(argument));
  if (strcmp(what, "wait") == 0) return wait_forever();
  if (strcmp(what, "spin") == 0) return spin_forever();
  if (strcmp(what, "env") == 0) return printf("%s\n", getenv(argument)), 0;
  if (strcmp(what, "cwd") == 0) return initial_cwd();
  if (strcmp(what, "exit") == 0) exit(atoi(argument));
  if (strcmp(what, "abort") == 0) abort();
  if (strcmp(what, "cat") == 0) {
    FILE *const file = *argument == '\0' ? stdin : fopen(argument, "r");
    if (file == NULL) return fail("fopen");
    while (fgets(buffer, sizeof(buffer), file) != NULL) fputs(buffer, stdout);
    return 0;
  }
  fprintf(stderr, "no such thing: %s\n", what);
  return 2;
}
