/*
 * The calls behind the cases of the contract that fail under an emulator of Windows, made of Winsock itself
 * with nothing of ours between: one line a question, `NAME ok` or `NAME FAILED: what came`. `ok` is what the
 * contract expects. A failure shows that libsock is not its cause; it does not show what a real Windows
 * answers. platforms.mjs holds failures of the contract against it, by wine.json.
 */
#include <winsock2.h>

#include <ws2tcpip.h>

#include <mswsock.h>

#include <stdio.h>
#include <string.h>

static void tell(const char *name, int ok, const char *what, int value) {
  if (ok) {
    printf("%s ok\n", name);
  } else {
    printf("%s FAILED: %s %d\n", name, what, value);
  }
}

static SOCKET made(int family, int type, int protocol) {
  return WSASocketW(family, type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED);
}

static SOCKET bound6(struct sockaddr_in6 *address) {
  const SOCKET socket = made(AF_INET6, SOCK_DGRAM, 0);
  int length = sizeof(*address);
  memset(address, 0, sizeof(*address));
  address->sin6_family = AF_INET6;
  address->sin6_addr.s6_addr[15] = 1;
  bind(socket, (struct sockaddr *)address, length);
  getsockname(socket, (struct sockaddr *)address, &length);
  return socket;
}

static SOCKET bound(int type, struct sockaddr_in *address) {
  const SOCKET socket = made(AF_INET, type, 0);
  int length = sizeof(*address);
  memset(address, 0, sizeof(*address));
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(socket, (struct sockaddr *)address, length);
  getsockname(socket, (struct sockaddr *)address, &length);
  return socket;
}

static int pending(SOCKET socket) {
  int error = 0;
  int length = sizeof(error);
  getsockopt(socket, SOL_SOCKET, SO_ERROR, (char *)&error, &length);
  return error;
}

static void wait_connected(SOCKET socket) {
  fd_set made_or_failed[2];
  struct timeval time = {5, 0};
  for (int i = 0; i < 2; i++) {
    FD_ZERO(&made_or_failed[i]);
    FD_SET(socket, &made_or_failed[i]);
  }
  select(0, NULL, &made_or_failed[0], &made_or_failed[1], &time);
}

static void connecting(void) {
  struct sockaddr_in address;
  closesocket(bound(SOCK_STREAM, &address));
  const SOCKET socket = made(AF_INET, SOCK_STREAM, 0);
  u_long on = 1;
  ioctlsocket(socket, (long)FIONBIO, &on);
  connect(socket, (struct sockaddr *)&address, sizeof(address));
  wait_connected(socket);
  const int first = pending(socket);
  const int second = pending(socket);
  tell("so-error-clears", first == WSAECONNREFUSED && second == 0, "the second is", second);
}

/* A listener whose queue is full leaves the last of these without an answer. */
static void unanswered(void) {
  struct sockaddr_in address;
  listen(bound(SOCK_STREAM, &address), 1);
  SOCKET socket = INVALID_SOCKET;
  for (int i = 0; i < 8; i++) {
    socket = made(AF_INET, SOCK_STREAM, 0);
    u_long on = 1;
    ioctlsocket(socket, (long)FIONBIO, &on);
    connect(socket, (struct sockaddr *)&address, sizeof(address));
  }
  Sleep(200);
  struct sockaddr_in peer;
  int length = sizeof(peer);
  const int named = getpeername(socket, (struct sockaddr *)&peer, &length);
  tell("getpeername-while-connecting", named != 0, "it succeeded", named);
}

static void sending(void) {
  const SOCKET socket = made(AF_INET, SOCK_STREAM, 0);
  send(socket, "x", 1, 0);
  tell("send-unconnected", WSAGetLastError() == WSAENOTCONN, "error", WSAGetLastError());
}

static void lingering(void) {
  struct sockaddr_in address;
  const SOCKET listener = bound(SOCK_STREAM, &address);
  int small = 4096;
  setsockopt(listener, SOL_SOCKET, SO_RCVBUF, (char *)&small, sizeof(small));
  listen(listener, 1);
  const SOCKET client = made(AF_INET, SOCK_STREAM, 0);
  connect(client, (struct sockaddr *)&address, sizeof(address));
  static char much[1 << 16];
  u_long on = 1;
  ioctlsocket(client, (long)FIONBIO, &on);
  while (send(client, much, sizeof(much), 0) > 0) {
  }
  on = 0;
  ioctlsocket(client, (long)FIONBIO, &on);
  struct linger time = {1, 1};
  setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&time, sizeof(time));
  const DWORD began = GetTickCount();
  closesocket(client);
  const int took = (int)(GetTickCount() - began);
  tell("linger-waits", took > 900, "milliseconds", took);
}

static void multicast(void) {
  const SOCKET socket = made(AF_INET, SOCK_DGRAM, 0);
  struct ip_mreq group;
  group.imr_multiaddr.s_addr = inet_addr("239.1.2.3");
  group.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(socket, IPPROTO_IP, IP_DROP_MEMBERSHIP, (char *)&group, sizeof(group));
  tell("leave-without-join", WSAGetLastError() == WSAEADDRNOTAVAIL, "error", WSAGetLastError());
  group.imr_interface.s_addr = inet_addr("192.0.2.1");
  setsockopt(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&group, sizeof(group));
  tell("join-no-interface", WSAGetLastError() == WSAEADDRNOTAVAIL, "error", WSAGetLastError());
  setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, (char *)&group.imr_interface, sizeof(IN_ADDR));
  tell("multicast-if-none", WSAGetLastError() == WSAEADDRNOTAVAIL, "error", WSAGetLastError());
}

static void multicast6(void) {
  const SOCKET socket = made(AF_INET6, SOCK_DGRAM, 0);
  struct ipv6_mreq group;
  memset(&group, 0, sizeof(group));
  group.ipv6mr_multiaddr.s6_addr[0] = 0xff;
  group.ipv6mr_multiaddr.s6_addr[1] = 0x11;
  group.ipv6mr_multiaddr.s6_addr[15] = 0x77;
  group.ipv6mr_interface = 1;
  WSASetLastError(0);
  setsockopt(socket, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, (char *)&group, sizeof(group));
  tell("leave-without-join-ipv6", WSAGetLastError() == WSAEADDRNOTAVAIL, "error",
       WSAGetLastError());
  DWORD none = 0x7ffffff;
  WSASetLastError(0);
  setsockopt(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, (char *)&none, sizeof(none));
  tell("multicast-if-none-ipv6", WSAGetLastError() == WSAEADDRNOTAVAIL, "error", WSAGetLastError());
}

static void segment_options(const char *cut, const char *join, int family) {
  const SOCKET socket = made(family, SOCK_DGRAM, 0);
  DWORD size = 0;
  int length = sizeof(size);
  WSASetLastError(0);
  int failed = getsockopt(socket, IPPROTO_UDP, 2, (char *)&size, &length);
  tell(cut, failed == 0, "error", WSAGetLastError());
  length = sizeof(size);
  WSASetLastError(0);
  failed = getsockopt(socket, IPPROTO_UDP, 3, (char *)&size, &length);
  tell(join, failed == 0, "error", WSAGetLastError());
}

static void segments(void) {
  const SOCKET socket = made(AF_INET, SOCK_DGRAM, 0);
  DWORD size = 1200;
  const int cut =
      setsockopt(socket, IPPROTO_UDP, 2 /* UDP_SEND_MSG_SIZE */, (char *)&size, sizeof(size));
  tell("udp-send-msg-size", cut == 0, "error", WSAGetLastError());
  const int join = setsockopt(socket, IPPROTO_UDP, 3 /* UDP_RECV_MAX_COALESCED_SIZE */,
                              (char *)&size, sizeof(size));
  tell("udp-recv-max-coalesced-size", join == 0, "error", WSAGetLastError());
}

/* Whether a control message of WSASendMsg reaches the datagram: asked of the receiver. */
static void control(const char *name, int level, int sent_type, int asked_type, int value) {
  union {
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
  } from, to;
  const int is4 = level == IPPROTO_IP;
  const SOCKET sender = is4 ? bound(SOCK_DGRAM, &from.ipv4) : bound6(&from.ipv6);
  const SOCKET receiver = is4 ? bound(SOCK_DGRAM, &to.ipv4) : bound6(&to.ipv6);
  DWORD on = 1, filled = 0;
  setsockopt(receiver, level, asked_type, (char *)&on, sizeof(on));
  union {
    char bytes[128];
    WSACMSGHDR header;
  } part;
  memset(&part, 0, sizeof(part));
  part.header.cmsg_len = WSA_CMSG_LEN(sizeof(value));
  part.header.cmsg_level = level;
  part.header.cmsg_type = sent_type;
  memcpy(WSA_CMSG_DATA(&part.header), &value, sizeof(value));
  WSABUF data = {1, "x"};
  WSAMSG message = {(struct sockaddr *)&to,
                    is4 ? sizeof(to.ipv4) : sizeof(to.ipv6),
                    &data,
                    1,
                    {WSA_CMSG_SPACE(sizeof(value)), part.bytes},
                    0};
  const int failed = WSASendMsg(sender, &message, 0, &filled, NULL, NULL);
  if (failed) {
    tell(name, 0, "WSASendMsg", WSAGetLastError());
    return;
  }
  LPFN_WSARECVMSG receive = NULL;
  GUID id = WSAID_WSARECVMSG;
  WSAIoctl(receiver, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &receive, sizeof(receive),
           &filled, NULL, NULL);
  char byte;
  WSABUF room = {1, &byte};
  memset(&part, 0, sizeof(part));
  WSAMSG got = {NULL, 0, &room, 1, {sizeof(part.bytes), part.bytes}, 0};
  receive(receiver, &got, &filled, NULL, NULL);
  int arrived = -1;
  if (got.Control.len > 0) memcpy(&arrived, WSA_CMSG_DATA(&part.header), sizeof(arrived));
  tell(name, arrived == value, "the receiver sees", arrived);
}

static void source(void) {
  struct sockaddr_in to, from;
  const SOCKET receiver = bound(SOCK_DGRAM, &to);
  const SOCKET sender = made(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in any;
  memset(&any, 0, sizeof(any));
  any.sin_family = AF_INET;
  bind(sender, (struct sockaddr *)&any, sizeof(any));
  union {
    char bytes[64];
    WSACMSGHDR header;
  } part;
  memset(&part, 0, sizeof(part));
  const IN_PKTINFO info = {{.S_un = {.S_addr = inet_addr("127.0.0.9")}}, 0};
  part.header.cmsg_len = WSA_CMSG_LEN(sizeof(info));
  part.header.cmsg_level = IPPROTO_IP;
  part.header.cmsg_type = IP_PKTINFO;
  memcpy(WSA_CMSG_DATA(&part.header), &info, sizeof(info));
  WSABUF data = {1, "x"};
  DWORD sent = 0;
  WSAMSG message = {
      (struct sockaddr *)&to, sizeof(to), &data, 1, {WSA_CMSG_SPACE(sizeof(info)), part.bytes}, 0};
  WSASendMsg(sender, &message, 0, &sent, NULL, NULL);
  char byte;
  int length = sizeof(from);
  DWORD time = 2000;
  setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, (char *)&time, sizeof(time));
  const int got = recvfrom(receiver, &byte, 1, 0, (struct sockaddr *)&from, &length);
  tell("source-by-pktinfo", got == 1 && from.sin_addr.s_addr == info.ipi_addr.s_addr,
       "the last byte is", got == 1 ? from.sin_addr.S_un.S_un_b.s_b4 : -1);
}

static void socket_of(const char *name, int family, int type, int protocol) {
  const SOCKET socket = made(family, type, protocol);
  tell(name, socket != INVALID_SOCKET, "error", WSAGetLastError());
}

int main(void) {
  WSADATA data;
  WSAStartup(MAKEWORD(2, 2), &data);
  connecting();
  unanswered();
  sending();
  lingering();
  multicast();
  multicast6();
  segments();
  segment_options("get-udp-send-msg-size", "get-udp-recv-max-coalesced-size", AF_INET);
  segment_options("get-udp-send-msg-size-ipv6", "get-udp-recv-max-coalesced-size-ipv6", AF_INET6);
  control("send-hop-limit-ipv6", IPPROTO_IPV6, 21 /* IPV6_HOPLIMIT */, 21, 42);
  control("send-traffic-class-ipv6", IPPROTO_IPV6, 39 /* IPV6_TCLASS */, 40 /* IPV6_RECVTCLASS */,
          0x28);
  control("send-ttl", IPPROTO_IP, IP_TTL, 21 /* IP_RECVTTL */, 7);
  control("send-tos", IPPROTO_IP, IP_TOS, 40 /* IP_RECVTOS */, 0x28);
  source();
  socket_of("unix", AF_UNIX, SOCK_STREAM, 0);
  socket_of("raw-icmpv6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
  socket_of("raw-other", AF_INET, SOCK_RAW, 253);
  socket_of("raw-other-ipv6", AF_INET6, SOCK_RAW, 253);
  return 0;
}
