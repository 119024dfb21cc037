//! Uses std::net for TCP and UDP on loopback. Compiled by rustc 1.97 for wasm32-wasip2 with -O into std-net.wasm, which
//! `wasm-tools component new` made a component. std-net.sha256 has the checksums of both.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, peer) = listener.accept()?;
    assert_eq!(peer, client.local_addr()?);
    let block = vec![7u8; 65536];
    let mut back = vec![0u8; 65536];
    for _ in 0..20 {
        client.write_all(&block)?;
        server.read_exact(&mut back)?;
        assert!(back == block);
    }
    drop(client);
    assert_eq!(server.read(&mut back)?, 0);
    let receiver = UdpSocket::bind("127.0.0.1:0")?;
    let sender = UdpSocket::bind("127.0.0.1:0")?;
    sender.connect(receiver.local_addr()?)?;
    sender.send(b"hello")?;
    let (length, from) = receiver.recv_from(&mut back)?;
    assert_eq!(from, sender.local_addr()?);
    println!("rust: tcp {} udp {}", 20 * block.len(), String::from_utf8_lossy(&back[..length]));
    Ok(())
}
