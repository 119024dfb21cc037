//! socket2, with mio for the echo server: without arguments the calls, with one a server.
mod calls;
mod servers;

fn main() -> std::io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        None => calls::serve(),
        Some("echo") => servers::echo(),
        Some("accept") => servers::accept(),
        Some("flood-loop") => servers::receive_on_loop(),
        Some("flood-meta") => servers::receive_meta(false),
        Some("bulk-meta") => servers::receive_meta(true),
        Some(_) => servers::receive(),
    }
}
