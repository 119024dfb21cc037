/* Addresses: any bytes that a system may return as one, and any `sock_address`. */
#include "fuzz.h"

/* The bytes after the length differ between the two, so reading them changes the result. */
static sock_address decoded(const sock_system_address *in, socklen_t length, uint8_t behind) {
  sock_system_address system;
  sock_address out;
  const size_t there = length < sizeof(system) ? length : sizeof(system);
  memset(&system, behind, sizeof(system));
  memcpy(&system, in, there);
  memset(&out, 0, sizeof(out));
  sock_address_decode(&system, length, &out);
  return out;
}

static int same(const sock_address *one, const sock_address *other) {
  return one->family == other->family && one->port == other->port &&
         one->flowinfo == other->flowinfo && one->scope_id == other->scope_id &&
         one->length == other->length && memcmp(one->data, other->data, one->length) == 0;
}

/* An address that can be encoded decodes to the same address, any number of times. */
static void round_trip(const sock_address *address) {
  sock_system_address system;
  socklen_t length = 0;
  const int result = sock_address_encode(address, &system, &length);
  MUST(result == 0 || result == -EINVAL || result == -ENAMETOOLONG || result == -EAFNOSUPPORT);
  if (result < 0) return;
  MUST(length > 0 && length <= sizeof(system));
  const sock_address first = decoded(&system, length, 0);
  sock_system_address system_again;
  socklen_t length_again = 0;
  if (sock_address_encode(&first, &system_again, &length_again) < 0) return;
  const sock_address second = decoded(&system_again, length_again, 0);
  MUST(same(&first, &second));
}

static void from_system(fuzz_input input, socklen_t length) {
  sock_system_address system;
  fuzz_take(&input, &system, sizeof(system));
  const sock_address one = decoded(&system, length, 0x00);
  const sock_address other = decoded(&system, length, 0xff);
  MUST(one.length <= SOCK_ADDRESS_DATA);
  MUST(same(&one, &other));
  MUST(one.family != SOCK_FAMILY_UNIX || one.length <= sizeof(system.local.sun_path));
  round_trip(&one);
}

static void from_program(fuzz_input input, uint32_t length) {
  sock_address address;
  fuzz_take(&input, &address, sizeof(address));
  round_trip(&address);
  /* Most arbitrary lengths are refused at once. These are not. */
  address.length = length % (SOCK_ADDRESS_DATA + 2);
  round_trip(&address);
  address.family %= SOCK_FAMILY_NETLINK + 1;
  round_trip(&address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, size};
  const uint32_t length = fuzz_u32(&input);
  from_system(input, length);
  from_system(input, length % (sizeof(sock_system_address) + 2));
  from_program(input, length);
  return 0;
}
