/* Addresses to and from the system, and wrong ones. */
#include "expect.h"

#include <net/if.h>
#include <sys/stat.h>

static void same_after_bind(int domain, int type, const sock_address *address) {
  const sock_handle socket = sock_open(domain, type, 0, 0);
  EXPECT(socket >= 0);
  EXPECT_EQUAL(sock_bind(socket, address), 0);
  sock_address back;
  memset(&back, 0xff, sizeof(back));
  EXPECT_EQUAL(sock_local_address(socket, &back), 0);
  EXPECT_EQUAL(back.family, address->family);
  EXPECT_EQUAL(back.length, address->length);
  EXPECT_EQUAL(back.scope_id, address->scope_id);
  EXPECT(address->length > SOCK_ADDRESS_DATA ||
         memcmp(back.data, address->data, address->length) == 0);
  EXPECT(address->family == SOCK_FAMILY_UNIX ? back.port == 0 : back.port != 0);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void ipv4_comes_back_as_bound(void) {
  const sock_address address = ipv4_loopback(0);
  same_after_bind(AF_INET, SOCK_STREAM, &address);
  same_after_bind(AF_INET, SOCK_DGRAM, &address);
}

static void ports_are_in_host_order(void) {
  sock_system_address name;
  socklen_t length;
  sock_address address = ipv4_loopback(0x1234);
  EXPECT_EQUAL(sock_address_encode(&address, &name, &length), 0);
  EXPECT_EQUAL(((const uint8_t *)&name.ipv4.sin_port)[0], 0x12);
  EXPECT_EQUAL(((const uint8_t *)&name.ipv4.sin_port)[1], 0x34);
  sock_address back;
  sock_address_decode(&name, length, &back);
  EXPECT_EQUAL(back.port, 0x1234);
  address = ipv6_loopback(0x1234);
  address.flowinfo = 0x01020304;
  address.scope_id = 7;
  EXPECT_EQUAL(sock_address_encode(&address, &name, &length), 0);
  EXPECT_EQUAL(((const uint8_t *)&name.ipv6.sin6_flowinfo)[0], 1);
  sock_address_decode(&name, length, &back);
  EXPECT_EQUAL(back.flowinfo, 0x01020304);
  EXPECT_EQUAL(back.scope_id, 7);
}

static void ipv6_comes_back_as_bound(void) {
  const sock_handle probe = sock_open(AF_INET6, SOCK_DGRAM, 0, 0);
  sock_address address = ipv6_loopback(0);
  const int bound = probe < 0 ? (int)probe : sock_bind(probe, &address);
  if (probe >= 0) sock_close(probe);
  if (bound < 0) SKIP("no IPv6 loopback");
  same_after_bind(AF_INET6, SOCK_STREAM, &address);
  same_after_bind(AF_INET6, SOCK_DGRAM, &address);
}

/* A path of `length` bytes in the current directory. run.sh makes one for each program. */
static sock_address path_of(uint32_t length) {
  uint8_t bytes[SOCK_ADDRESS_DATA];
  memset(bytes, 'p', sizeof(bytes));
  return unix_name(bytes, length);
}

static void unlink_path(const sock_address *address) {
  char path[SOCK_ADDRESS_DATA + 1] = {0};
  memcpy(path, address->data, address->length);
  struct stat status;
  EXPECT_EQUAL(stat(path, &status), 0);
  EXPECT(S_ISSOCK(status.st_mode));
  EXPECT_EQUAL(unlink(path), 0);
}

static void unix_paths_of_every_length(void) {
  const uint32_t most = sizeof(((struct sockaddr_un *)0)->sun_path);
  for (uint32_t length = 1; length <= most; length++) {
    const sock_address address = path_of(length);
    same_after_bind(AF_UNIX, length % 2 == 0 ? SOCK_STREAM : SOCK_DGRAM, &address);
    unlink_path(&address);
  }
}

static void unix_path_that_fills_sun_path_connects(void) {
  const sock_address address = path_of(sizeof(((struct sockaddr_un *)0)->sun_path));
  const sock_handle listener = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_bind(listener, &address), 0);
  EXPECT_EQUAL(sock_listen(listener, 1), 0);
  const sock_handle client = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect(client, &address), 0);
  sock_address peer;
  EXPECT_EQUAL(sock_peer_address(client, &peer), 0);
  EXPECT_EQUAL(peer.length, address.length);
  EXPECT(memcmp(peer.data, address.data, address.length) == 0);
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_close(listener), 0);
  unlink_path(&address);
}

static void unix_paths_that_cannot_be(void) {
  const sock_handle socket = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  sock_address address = path_of(sizeof(((struct sockaddr_un *)0)->sun_path) + 1);
  EXPECT_EQUAL(sock_bind(socket, &address), -ENAMETOOLONG);
  EXPECT_EQUAL(sock_connect(socket, &address), -ENAMETOOLONG);
  address.length = SOCK_ADDRESS_DATA + 1;
  EXPECT_EQUAL(sock_bind(socket, &address), -ENAMETOOLONG);
  address.length = UINT32_MAX;
  EXPECT_EQUAL(sock_bind(socket, &address), -ENAMETOOLONG);
  address = unix_name("half\0way", 8);
  EXPECT_EQUAL(sock_bind(socket, &address), -EINVAL);
  EXPECT_EQUAL(access("half", F_OK), -1);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void abstract_names_keep_their_exact_length(void) {
#if defined(__linux__)
  char name[16];
  snprintf(name, sizeof(name), "x%ld", (long)getpid());
  name[0] = 0;
  sock_address address = unix_name(name, sizeof(name));
  same_after_bind(AF_UNIX, SOCK_STREAM, &address);
  /* In an abstract name NULs inside and at the end count. */
  uint8_t most[sizeof(((struct sockaddr_un *)0)->sun_path)] = {0};
  memcpy(most + 1, &(int){(int)getpid()}, sizeof(int));
  address = unix_name(most, sizeof(most));
  same_after_bind(AF_UNIX, SOCK_DGRAM, &address);
#else
  SKIP("abstract names are Linux's");
#endif
}

static void unnamed_unix_sockets_have_length_zero(void) {
  sock_handle pair[2];
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), 0);
  sock_address address = path_of(9);
  EXPECT_EQUAL(sock_local_address(pair[0], &address), 0);
  EXPECT_EQUAL(address.family, SOCK_FAMILY_UNIX);
  EXPECT_EQUAL(address.length, 0);
  close_pair(pair);
}

static void peers_are_refused_without_a_connection(void) {
  sock_address address;
  const sock_handle socket = bound_ipv4(SOCK_DGRAM, &address);
  EXPECT_EQUAL(sock_peer_address(socket, &address), -ENOTCONN);
  EXPECT_EQUAL(sock_close(socket), 0);
  EXPECT_EQUAL(sock_local_address(socket, &address), -EBADF);
}

static void lengths_must_fit_the_family(void) {
  static const uint32_t hostile[] = {
      0, 1, 3, 5, 15, 17, SOCK_ADDRESS_DATA, SOCK_ADDRESS_DATA + 1, INT_MAX, UINT32_MAX};
  const sock_handle ipv4 = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
    sock_address address = ipv4_loopback(0);
    address.length = hostile[i];
    EXPECT_EQUAL(sock_bind(ipv4, &address), -EINVAL);
    EXPECT_EQUAL(sock_connect(ipv4, &address), -EINVAL);
    EXPECT_EQUAL(sock_connect_timeout(ipv4, &address, 1), -EINVAL);
    EXPECT_EQUAL(sock_send_to(ipv4, "a", 1, 0, &address), -EINVAL);
    EXPECT_EQUAL(sock_send_vectored(ipv4, NULL, 0, 0, &address), -EINVAL);
    address = ipv6_loopback(0);
    address.length = hostile[i];
    EXPECT_EQUAL(sock_bind(ipv4, &address), -EINVAL);
    address.family = SOCK_FAMILY_SYSTEM | AF_INET;
    address.length = UINT32_MAX - (uint32_t)i;
    EXPECT_EQUAL(sock_bind(ipv4, &address), -EINVAL);
    address.family = SOCK_FAMILY_PACKET;
    EXPECT(sock_bind(ipv4, &address) < 0);
  }
  EXPECT_EQUAL(sock_close(ipv4), 0);
}

static void families_must_be_known(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  sock_address address = {.family = 99};
  EXPECT_EQUAL(sock_bind(socket, &address), -EAFNOSUPPORT);
  address = ipv6_loopback(0);
  EXPECT_EQUAL(sock_bind(socket, &address), -EAFNOSUPPORT);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void unspecified_dissolves_an_association(void) {
  sock_address address;
  const sock_handle server = bound_ipv4(SOCK_DGRAM, &address);
  const sock_handle client = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(sock_connect(client, &address), 0);
  EXPECT_EQUAL(sock_peer_address(client, &address), 0);
  const sock_address none = {.family = SOCK_FAMILY_UNSPEC};
  EXPECT_EQUAL(sock_connect(client, &none), 0);
  EXPECT_EQUAL(sock_peer_address(client, &address), -ENOTCONN);
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_close(server), 0);
}

static void the_systems_own_family_passes_as_bytes(void) {
  sock_address address = {.family = SOCK_FAMILY_SYSTEM | AF_INET, .length = 14};
  address.data[2] = 127;
  address.data[5] = 1;
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(sock_bind(socket, &address), 0);
  EXPECT_EQUAL(sock_local_address(socket, &address), 0);
  EXPECT_EQUAL(address.family, SOCK_FAMILY_IPV4);
  EXPECT_EQUAL(address.data[0], 127);
  EXPECT_EQUAL(sock_close(socket), 0);

  sock_system_address name;
  memset(&name, 7, sizeof(name));
  name.any.sa_family = 99;
  sock_address_decode(&name, UINT32_MAX, &address);
  EXPECT_EQUAL(address.family, SOCK_FAMILY_SYSTEM | 99);
  EXPECT_EQUAL(address.length, SOCK_ADDRESS_DATA);
}

static void short_answers_of_the_system_are_not_read_past(void) {
  sock_system_address name;
  sock_address address;
  memset(&name, 0, sizeof(name));
  for (socklen_t length = 0; length < 8; length++) {
    name.any.sa_family = AF_INET;
    sock_address_decode(&name, length, &address);
    EXPECT(address.family != SOCK_FAMILY_IPV4);
    name.any.sa_family = AF_INET6;
    sock_address_decode(&name, length, &address);
    EXPECT(address.family != SOCK_FAMILY_IPV6);
  }
  sock_address_decode(&name, 0, &address);
  EXPECT_EQUAL(address.family, SOCK_FAMILY_UNSPEC);
}

static void netlink_comes_back_as_bound(void) {
#if defined(__linux__)
  const sock_handle socket = sock_open(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, 0);
  sock_address address = {.family = SOCK_FAMILY_NETLINK, .flowinfo = 1};
  EXPECT_EQUAL(sock_bind(socket, &address), 0);
  EXPECT_EQUAL(sock_local_address(socket, &address), 0);
  EXPECT_EQUAL(address.family, SOCK_FAMILY_NETLINK);
  EXPECT_EQUAL(address.flowinfo, 1);
  EXPECT(address.scope_id != 0);
  EXPECT_EQUAL(sock_close(socket), 0);
#else
  SKIP("netlink is Linux's");
#endif
}

static void packet_comes_back_as_bound(void) {
#if defined(__linux__)
  const sock_handle socket = sock_open(AF_PACKET, SOCK_DGRAM, 0, 0);
  if (socket < 0) SKIP("packet sockets need CAP_NET_RAW");
  const uint32_t loopback = if_nametoindex("lo");
  sock_address address = {.family = SOCK_FAMILY_PACKET, .port = 0x0800, .scope_id = loopback};
  EXPECT_EQUAL(sock_bind(socket, &address), 0);
  EXPECT_EQUAL(sock_local_address(socket, &address), 0);
  EXPECT_EQUAL(address.family, SOCK_FAMILY_PACKET);
  EXPECT_EQUAL(address.port, 0x0800);
  EXPECT_EQUAL(address.scope_id, loopback);
  EXPECT_EQUAL(address.flowinfo >> 16, 772); /* ARPHRD_LOOPBACK */
  EXPECT_EQUAL(address.length, 6);
  EXPECT_EQUAL(sock_close(socket), 0);
  address.length = SOCK_ADDRESS_DATA;
  sock_system_address name;
  socklen_t length;
  EXPECT_EQUAL(sock_address_encode(&address, &name, &length), 0);
  EXPECT_EQUAL(length, offsetof(struct sockaddr_ll, sll_addr) + SOCK_ADDRESS_DATA);
  sock_address back;
  sock_address_decode(&name, length, &back);
  EXPECT_EQUAL(back.length, SOCK_ADDRESS_DATA);
  address.scope_id = (uint32_t)INT_MAX + 1;
  EXPECT_EQUAL(sock_address_encode(&address, &name, &length), -EINVAL);
#else
  SKIP("packet sockets are Linux's");
#endif
}

static void vsock_keeps_both_numbers(void) {
#if defined(__linux__)
  const sock_address address = {
      .family = SOCK_FAMILY_VSOCK, .flowinfo = 0xfffffffe, .scope_id = 0x80000001};
  sock_system_address name;
  socklen_t length;
  EXPECT_EQUAL(sock_address_encode(&address, &name, &length), 0);
  EXPECT_EQUAL(name.vsock.svm_port, 0xfffffffe);
  EXPECT_EQUAL(name.vsock.svm_cid, 0x80000001);
  sock_address back;
  sock_address_decode(&name, length, &back);
  EXPECT_EQUAL(back.family, SOCK_FAMILY_VSOCK);
  EXPECT_EQUAL(back.flowinfo, 0xfffffffe);
  EXPECT_EQUAL(back.scope_id, 0x80000001);
#else
  SKIP("vsock is Linux's");
#endif
}

int main(void) {
  RUN(ipv4_comes_back_as_bound);
  RUN(ports_are_in_host_order);
  RUN(ipv6_comes_back_as_bound);
  RUN(unix_paths_of_every_length);
  RUN(unix_path_that_fills_sun_path_connects);
  RUN(unix_paths_that_cannot_be);
  RUN(abstract_names_keep_their_exact_length);
  RUN(unnamed_unix_sockets_have_length_zero);
  RUN(peers_are_refused_without_a_connection);
  RUN(lengths_must_fit_the_family);
  RUN(families_must_be_known);
  RUN(unspecified_dissolves_an_association);
  RUN(the_systems_own_family_passes_as_bytes);
  RUN(short_answers_of_the_system_are_not_read_past);
  RUN(netlink_comes_back_as_bound);
  RUN(packet_comes_back_as_bound);
  RUN(vsock_keeps_both_numbers);
  return report();
}
