/* The columns of a batch: what comes with each datagram, what goes with it, and where they are in memory. */
#include "expect.h"

enum { COUNT = 4, ROOM = 64, ALL = SOCK_COLUMNS_ALL & ~SOCK_COLUMNS_WHOLE };

typedef struct arena {
  uint8_t data[COUNT * ROOM];
  uint32_t lengths[COUNT];
  int32_t flags[COUNT];
  sock_address addresses[COUNT];
  uint32_t segments[COUNT];
  _Alignas(8) uint8_t memory[COUNT * 320];
  sock_columns columns;
  sock_batch batch;
} arena;

static arena sent, received;

static void fill(arena *arena, uint32_t wanted) {
  memset(arena, 0, sizeof(*arena));
  EXPECT_EQUAL(sock_columns_layout(&arena->columns, arena->memory, sizeof(arena->memory),
                                   wanted | SOCK_COLUMN_FILLED, COUNT),
               0);
  arena->batch = (sock_batch){.data = arena->data,
                              .size = ROOM,
                              .count = COUNT,
                              .lengths = arena->lengths,
                              .flags = arena->flags,
                              .addresses = arena->addresses,
                              .segments = arena->segments,
                              .columns = &arena->columns};
}

static void columns_lie_one_after_the_other(void) {
  sock_columns columns;
  _Alignas(8) uint8_t memory[2 * 64];
  const uint32_t wanted = SOCK_COLUMN_TIMESTAMP | SOCK_COLUMN_DROPS | SOCK_COLUMN_ECN;
  const size_t needed = 2 * (8 + 4 + 2 + 1);
  EXPECT_EQUAL(sock_columns_layout(&columns, memory, needed, wanted | SOCK_COLUMN_FILLED, 2), 0);
  EXPECT((uint8_t *)columns.timestamps == memory);
  EXPECT((uint8_t *)columns.drops == memory + 16);
  EXPECT((uint8_t *)columns.filled == memory + 24);
  EXPECT(columns.ecn == memory + 28);
  EXPECT(columns.tos == NULL && columns.sources == NULL && !columns.whole);
  EXPECT_EQUAL(sock_columns_layout(&columns, memory, needed - 1, wanted | SOCK_COLUMN_FILLED, 2),
               -EINVAL);
  EXPECT_EQUAL(sock_columns_layout(&columns, memory, needed, wanted, 2), -EINVAL);
  EXPECT_EQUAL(sock_columns_layout(&columns, memory + 1, needed, SOCK_COLUMN_FILLED, 2), -EINVAL);
  EXPECT_EQUAL(sock_columns_layout(&columns, memory, needed, SOCK_COLUMN_FILLED, 0), -EINVAL);
  EXPECT_EQUAL(sock_columns_layout(&columns, memory, needed, SOCK_COLUMN_FILLED | 1u << 20, 2),
               -EINVAL);
}

static int64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void set_number(sock_handle socket, int level, int name, int value) {
  EXPECT_EQUAL(sock_set_option_raw(socket, level, name, &value, sizeof(value)), 0);
}

#if defined(__linux__)

/* A socket of `family` that is bound to every address, with all that the columns need. */
static sock_handle open_any(int family, uint16_t *port) {
  const sock_handle socket = sock_open(family, SOCK_DGRAM, 0, 0);
  sock_address any = {.family = family == AF_INET ? SOCK_FAMILY_IPV4 : SOCK_FAMILY_IPV6,
                      .length = family == AF_INET ? 4 : 16};
  if (family == AF_INET6) set_number(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  EXPECT_EQUAL(sock_bind(socket, &any), 0);
  EXPECT_EQUAL(sock_local_address(socket, &any), 0);
  *port = any.port;
  set_number(socket, IPPROTO_IP, IP_RECVTOS, 1);
  set_number(socket, IPPROTO_IP, IP_RECVTTL, 1);
  if (family == AF_INET) {
    set_number(socket, IPPROTO_IP, IP_PKTINFO, 1);
  } else {
    set_number(socket, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    set_number(socket, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    set_number(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  }
  set_number(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  return socket;
}

static void expect_round_trip(int family, sock_address to, sock_address from) {
  uint16_t port = 0;
  const sock_handle socket = open_any(family, &port);
  to.port = port;
  fill(&sent, ALL);
  fill(&received, ALL);
  const int64_t before = wall_ns();
  for (int i = 0; i < 2; i++) {
    sent.lengths[i] = 1;
    sent.addresses[i] = to;
    sent.columns.tos[i] = 0xb8;
    sent.columns.ecn[i] = (uint8_t)(i + 1);
    sent.columns.ttl[i] = (uint8_t)(i * 9);
  }
  sent.columns.sources[0] = from;
  sent.columns.interfaces[1] = 1;
  sent.batch.count = 2;
  EXPECT_EQUAL(sock_send_batch(socket, &sent.batch, 0), 2);
  EXPECT_EQUAL(sock_recv_batch(socket, &received.batch, 0), 2);
  for (int i = 0; i < 2; i++) {
    EXPECT_EQUAL(received.columns.tos[i], 0xb8 | (i + 1));
    EXPECT_EQUAL(received.columns.ecn[i], i + 1);
    EXPECT(received.columns.ttl[i] == 9 || i == 0);
    EXPECT_EQUAL(received.columns.interfaces[i], 1);
    EXPECT_EQUAL(received.columns.destinations[i].family, to.family);
    EXPECT(memcmp(received.columns.destinations[i].data, to.data, to.length) == 0);
    EXPECT(received.columns.timestamps[i] >= (uint64_t)before - 1000000000u);
    EXPECT(received.columns.timestamps[i] <= (uint64_t)wall_ns());
    EXPECT_EQUAL(received.columns.drops[i], 0);
    EXPECT(received.columns.filled[i] & SOCK_COLUMN_ECN);
    EXPECT(received.columns.filled[i] & SOCK_COLUMN_TTL);
    EXPECT(!(received.columns.filled[i] & SOCK_COLUMN_DROPS));
    EXPECT_EQUAL(received.flags[i] & MSG_CTRUNC, 0);
  }
  EXPECT(memcmp(received.addresses[0].data, from.data, from.length) == 0);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static sock_address mapped(uint8_t last) {
  sock_address address = {.family = SOCK_FAMILY_IPV6, .length = 16};
  address.data[10] = 0xff;
  address.data[11] = 0xff;
  address.data[12] = 127;
  address.data[15] = last;
  return address;
}

static void ipv4_datagrams_have_all_columns(void) {
  sock_address from = ipv4_loopback(0);
  from.data[3] = 9;
  expect_round_trip(AF_INET, ipv4_loopback(0), from);
}

static void ipv6_datagrams_have_all_columns(void) {
  expect_round_trip(AF_INET6, ipv6_loopback(0), ipv6_loopback(0));
}

static void mapped_datagrams_have_all_columns(void) {
  expect_round_trip(AF_INET6, mapped(1), mapped(7));
}

static void columns_without_options_stay_empty(void) {
  sock_address to;
  const sock_handle socket = bound_ipv4(SOCK_DGRAM, &to);
  fill(&sent, 0);
  fill(&received, ALL);
  memset(received.columns.ecn, 3, COUNT);
  sent.lengths[0] = 1;
  sent.addresses[0] = to;
  sent.batch.count = 1;
  EXPECT_EQUAL(sock_send_batch(socket, &sent.batch, 0), 1);
  EXPECT_EQUAL(sock_recv_batch(socket, &received.batch, 0), 1);
  EXPECT_EQUAL(received.columns.ecn[0], 0);
  EXPECT_EQUAL(received.columns.filled[0], 0);
  EXPECT_EQUAL(received.columns.destinations[0].family, SOCK_FAMILY_UNSPEC);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void a_connected_socket_needs_no_address(void) {
  sock_address to;
  const sock_handle socket = bound_ipv4(SOCK_DGRAM, &to);
  EXPECT_EQUAL(sock_connect(socket, &to), 0);
  set_number(socket, IPPROTO_IP, IP_RECVTOS, 1);
  fill(&sent, SOCK_COLUMN_ECN);
  fill(&received, SOCK_COLUMN_ECN);
  sent.batch.addresses = NULL;
  sent.batch.count = 1;
  sent.columns.ecn[0] = 1;
  EXPECT_EQUAL(sock_send_batch(socket, &sent.batch, 0), 1);
  EXPECT_EQUAL(sock_recv_batch(socket, &received.batch, 0), 1);
  EXPECT_EQUAL(received.columns.ecn[0], 1);
  EXPECT_EQUAL(sock_close(socket), 0);
}

/* 200 segments of 1 byte are more than the kernel cuts. The socket makes no checksum, so it cuts none at all. */
static void whole_makes_a_refusal_an_error(void) {
#if defined(SOCK_BATCH_LOOP)
  SKIP("the loop sends segments one by one");
#endif
  sock_address to;
  const sock_handle socket = bound_ipv4(SOCK_DGRAM, &to);
  set_number(socket, SOL_SOCKET, SO_NO_CHECK, 1);
  set_number(socket, IPPROTO_IP, IP_RECVTOS, 1);
  fill(&sent, SOCK_COLUMN_ECN | SOCK_COLUMNS_WHOLE);
  sent.lengths[0] = ROOM;
  sent.segments[0] = 32;
  sent.columns.ecn[0] = 2;
  sent.addresses[0] = to;
  sent.batch.count = 1;
  const int64_t refused = sock_send_batch(socket, &sent.batch, 0);
  EXPECT(refused == -EIO || refused == -EINVAL);
  fill(&received, SOCK_COLUMN_ECN);
  EXPECT_EQUAL(sock_recv_batch(socket, &received.batch, MSG_DONTWAIT), -EAGAIN);
  sent.columns.whole = 0;
  EXPECT_EQUAL(sock_send_batch(socket, &sent.batch, 0), 1);
  EXPECT_EQUAL(sock_recv_batch(socket, &received.batch, 0), 2);
  EXPECT_EQUAL(received.lengths[1], 32);
  EXPECT_EQUAL(received.columns.ecn[0], 2);
  EXPECT_EQUAL(received.columns.ecn[1], 2);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void a_wrong_slot_ends_the_batch_before_it(void) {
  sock_address to;
  const sock_handle socket = bound_ipv4(SOCK_DGRAM, &to);
  fill(&sent, SOCK_COLUMN_SOURCE);
  sent.addresses[0] = to;
  sent.addresses[1] = to;
  sent.columns.sources[1] = ipv6_loopback(0);
  sent.batch.count = 2;
  EXPECT_EQUAL(sock_send_batch(socket, &sent.batch, 0), 1);
  sent.columns.sources[0] = ipv6_loopback(0);
  EXPECT_EQUAL(sock_send_batch(socket, &sent.batch, 0), -EINVAL);
  EXPECT_EQUAL(sock_close(socket), 0);
}

#endif

static sock_control_part part_of(int level, int type, const void *data, size_t length) {
  return (sock_control_part){level, type, data, length};
}

static void short_messages_are_ignored(void) {
  static const uint8_t bytes[64] = {1};
  fill(&received, ALL);
  for (size_t length = 0; length < sizeof(bytes); length++) {
    const int types[][2] = {{IPPROTO_IP, IP_TOS},          {IPPROTO_IP, IP_TTL},
                            {IPPROTO_IPV6, IPV6_TCLASS},   {IPPROTO_IPV6, IPV6_PKTINFO},
                            {IPPROTO_IPV6, IPV6_HOPLIMIT}, {SOL_SOCKET, SCM_TIMESTAMP}};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
      /* Memory of exactly this length, so the sanitizer sees a read after it. */
      uint8_t *const data = malloc(length > 0 ? length : 1);
      EXPECT(data != NULL);
      if (data == NULL) return;
      memcpy(data, bytes, length);
      const sock_control_part part = part_of(types[i][0], types[i][1], data, length);
      EXPECT_EQUAL(sock_columns_take(&received.columns, 0, &part), 1);
      free(data);
    }
  }
  const sock_control_part other = part_of(IPPROTO_TCP, 1, bytes, sizeof(bytes));
  EXPECT_EQUAL(sock_columns_take(&received.columns, 0, &other), 0);
}

int main(void) {
  RUN(columns_lie_one_after_the_other);
  RUN(short_messages_are_ignored);
#if defined(__linux__)
  RUN(ipv4_datagrams_have_all_columns);
  RUN(ipv6_datagrams_have_all_columns);
  RUN(mapped_datagrams_have_all_columns);
  RUN(columns_without_options_stay_empty);
  RUN(a_connected_socket_needs_no_address);
  RUN(whole_makes_a_refusal_an_error);
  RUN(a_wrong_slot_ends_the_batch_before_it);
#endif
  return report();
}
