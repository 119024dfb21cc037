//! The cases on std::net alone, for wasm32-wasip2. Reads `CASE COUNT` lines and answers `CASE NANOSECONDS` of one
//! operation, or `CASE missing REASON`.
use std::io::{BufRead, Read, Result, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::time::Instant;

fn timed(count: u64, mut operation: impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    for _ in 0..count {
        operation()?;
    }
    Ok(start.elapsed().as_nanos() as f64 / count as f64)
}

fn udp(count: u64) -> Result<f64> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(socket.local_addr()?)?;
    let data = [0u8; 64];
    let mut room = [0u8; 64];
    timed(count, || {
        socket.send(&data)?;
        socket.recv(&mut room)?;
        Ok(())
    })
}

fn udp_recvfrom(count: u64) -> Result<f64> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = socket.local_addr()?;
    let data = [0u8; 64];
    let mut room = [0u8; 64];
    timed(count, || {
        socket.send_to(&data, address)?;
        socket.recv_from(&mut room)?;
        Ok(())
    })
}

fn tcp(count: u64, size: usize) -> Result<f64> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    client.set_nodelay(true)?;
    let (mut server, _) = listener.accept()?;
    let data = vec![0u8; size];
    let mut room = vec![0u8; 65536];
    timed(count, || {
        client.write_all(&data)?;
        let mut got = 0;
        while got < size {
            got += server.read(&mut room)?;
        }
        Ok(())
    })
}

fn main() -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (name, count) = line.split_once(' ').unwrap_or((&line, "1"));
        let count = count.parse().unwrap_or(1);
        let figure = match name {
            "udp-64" => udp(count)?,
            "udp-64-recvfrom" => udp_recvfrom(count)?,
            "tcp-64" => tcp(count, 64)?,
            "tcp-64k" => tcp(count, 65536)?,
            "getsockopt" | "socket-close" => {
                println!("{name} missing std::net has no such call");
                continue;
            }
            _ => {
                println!("{name} missing measured in C and @sock/native only");
                continue;
            }
        };
        println!("{name} {figure:.3}");
    }
    Ok(())
}
