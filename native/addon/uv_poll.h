/*
 * Declarations of the few functions of libuv's stable 1.x interface that the addon calls. The package `node-api-
 * headers` has no uv.h. With these the addon builds where Node was installed without headers.
 *
 * All are weak: the addon loads where there is no libuv. A name that is missing is null then.
 *
 * @see https://docs.libuv.org/en/v1.x/poll.html, https://docs.libuv.org/en/v1.x/idle.html
 */
#ifndef SOCK_ADDON_UV_POLL_H
#define SOCK_ADDON_UV_POLL_H

#include <node_api.h>

#include <cstddef>
#include <cstdint>

extern "C" {

struct uv_loop_s;
struct uv_handle_s;
struct uv_poll_s;
struct uv_idle_s;

#if defined(__APPLE__)
#define SOCK_WEAK __attribute__((weak_import))
#else
#define SOCK_WEAK __attribute__((weak))
#endif

constexpr int UV_POLL_TYPE = 8;      /* UV_POLL of uv_handle_type */
constexpr int UV_IDLE_TYPE = 6;      /* UV_IDLE */
constexpr int UV_READABLE_EVENT = 1; /* UV_READABLE of uv_poll_event */

SOCK_WEAK napi_status napi_get_uv_event_loop(node_api_basic_env env, uv_loop_s **loop);
SOCK_WEAK size_t uv_handle_size(int type);
SOCK_WEAK void uv_handle_set_data(uv_handle_s *handle, void *data);
SOCK_WEAK void *uv_handle_get_data(const uv_handle_s *handle);
SOCK_WEAK int uv_poll_init(uv_loop_s *loop, uv_poll_s *handle, int fd);
SOCK_WEAK int uv_poll_start(uv_poll_s *handle, int events,
                            void (*callback)(uv_poll_s *handle, int status, int events));
SOCK_WEAK int uv_poll_stop(uv_poll_s *handle);
SOCK_WEAK int uv_idle_init(uv_loop_s *loop, uv_idle_s *handle);
SOCK_WEAK int uv_idle_start(uv_idle_s *handle, void (*callback)(uv_idle_s *handle));
SOCK_WEAK int uv_idle_stop(uv_idle_s *handle);
SOCK_WEAK uint64_t uv_hrtime(void);
SOCK_WEAK void uv_close(uv_handle_s *handle, void (*callback)(uv_handle_s *handle));
SOCK_WEAK void uv_ref(uv_handle_s *handle);
SOCK_WEAK void uv_unref(uv_handle_s *handle);
}

#endif
