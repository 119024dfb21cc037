/* Option values: any answer of getsockopt(2) and any value to set, with each codec. */
#include "fuzz.h"
#include "options_codec.h"

/* A value that was read and can be set reads the same again. */
static void round_trip(option_codec codec, const sock_value *value) {
  option_payload payload;
  socklen_t length = 0;
  memset(&payload, 0, sizeof(payload));
  const int result = option_encode(codec, value, &payload, &length);
  MUST(result == 0 || result == -EINVAL || result == -ENAMETOOLONG || result == -ENOPROTOOPT);
  if (result < 0) return;
  MUST(length <= sizeof(payload));
  /* A codec whose values can only be set has no room. */
  if (option_room(codec) == 0) return;
  sock_value first, second;
  MUST(option_decode(codec, &payload, length, &first) == 0);
  MUST(first.length <= SOCK_VALUE_BYTES);
  if (option_encode(codec, &first, &payload, &length) < 0) return;
  MUST(option_decode(codec, &payload, length, &second) == 0);
  MUST(first.number == second.number && first.length == second.length);
  MUST(memcmp(first.bytes, second.bytes, first.length) == 0);
}

static void from_system(option_codec codec, fuzz_input input, socklen_t length) {
  option_payload payload;
  sock_value value;
  fuzz_take(&input, &payload, sizeof(payload));
  if (option_decode(codec, &payload, length, &value) < 0) return;
  MUST(value.length <= SOCK_VALUE_BYTES);
  MUST(value.number == value.number);
  round_trip(codec, &value);
}

static void from_program(option_codec codec, fuzz_input input, uint32_t length) {
  sock_value value;
  fuzz_take(&input, &value, sizeof(value));
  round_trip(codec, &value);
  value.length = length % (SOCK_VALUE_BYTES + 1);
  round_trip(codec, &value);
  value.number = (double)(int32_t)length;
  round_trip(codec, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, size};
  const option_codec codec = (option_codec)(fuzz_u32(&input) % CODEC_COUNT);
  const uint32_t length = fuzz_u32(&input);
  from_system(codec, input, length);
  from_system(codec, input, length % (sizeof(option_payload) + 2));
  from_program(codec, input, length);
  return 0;
}
