/* Names and indexes of network interfaces. */
#include "expect.h"

#define ROOM 64

static void name_and_index_lead_to_each_other(void) {
  sock_interface list[ROOM];
  const int64_t count = sock_interfaces(list, ROOM);
  EXPECT(count > 0);
  for (int64_t i = 0; i < count && i < ROOM; i++) {
    char name[SOCK_INTERFACE_NAME];
    const size_t length = strlen(list[i].name);
    EXPECT_EQUAL(sock_interface_index(list[i].name, length), list[i].index);
    EXPECT_EQUAL(sock_interface_name(list[i].index, name, sizeof(name)), length);
    EXPECT(memcmp(name, list[i].name, length) == 0);
  }
}

static void a_list_without_room_tells_how_many_there_are(void) {
  sock_interface one[2];
  memset(one, 0x5a, sizeof(one));
  EXPECT_EQUAL(sock_interfaces(one, 1), sock_interfaces(NULL, 0));
  EXPECT_EQUAL(one[1].index, 0x5a5a5a5a);
}

static void what_is_no_interface_is_refused(void) {
  char name[SOCK_INTERFACE_NAME];
  EXPECT_EQUAL(sock_interface_index("", 0), -ENODEV);
  EXPECT_EQUAL(sock_interface_index("lo\0x", 4), -ENODEV);
  EXPECT_EQUAL(sock_interface_index("a name longer than any of them", 30), -ENODEV);
  EXPECT_EQUAL(sock_interface_name(0, name, sizeof(name)), -ENXIO);
  EXPECT_EQUAL(sock_interface_name(UINT32_MAX, name, sizeof(name)), -ENXIO);
  EXPECT_EQUAL(sock_interface_name(1, name, 0), -EINVAL);
}

int main(void) {
  RUN(name_and_index_lead_to_each_other);
  RUN(a_list_without_room_tells_how_many_there_are);
  RUN(what_is_no_interface_is_refused);
  return report();
}
