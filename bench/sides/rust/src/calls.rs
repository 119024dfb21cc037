//! Reads `CASE COUNT` lines and answers `CASE NANOSECONDS` of one operation.
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{BufRead, Read, Result};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Instant;

pub fn bound(kind: Type) -> Result<(Socket, SockAddr)> {
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into())?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

fn timed(count: u64, mut operation: impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    for _ in 0..count {
        operation()?;
    }
    Ok(start.elapsed().as_nanos() as f64 / count as f64)
}

fn udp(count: u64) -> Result<f64> {
    let (socket, address) = bound(Type::DGRAM)?;
    socket.connect(&address)?;
    let data = [0u8; 64];
    let mut room = [MaybeUninit::uninit(); 64];
    timed(count, || {
        socket.send(&data)?;
        socket.recv(&mut room)?;
        Ok(())
    })
}

fn udp_recvfrom(count: u64) -> Result<f64> {
    let (socket, address) = bound(Type::DGRAM)?;
    let data = [0u8; 64];
    let mut room = [MaybeUninit::uninit(); 64];
    timed(count, || {
        socket.send_to(&data, &address)?;
        socket.recv_from(&mut room)?;
        Ok(())
    })
}

fn tcp(count: u64, size: usize) -> Result<f64> {
    let (listener, address) = bound(Type::STREAM)?;
    listener.listen(1)?;
    let client = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    client.connect(&address)?;
    client.set_tcp_nodelay(true)?;
    let (mut server, _) = listener.accept()?;
    let data = vec![0u8; size];
    let mut room = vec![0u8; 65536];
    timed(count, || {
        client.send(&data)?;
        let mut got = 0;
        while got < size {
            got += server.read(&mut room)?;
        }
        Ok(())
    })
}

fn getsockopt(count: u64) -> Result<f64> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    timed(count, || socket.keepalive().map(|_| ()))
}

fn socket_close(count: u64) -> Result<f64> {
    timed(count, || {
        Socket::new(Domain::IPV4, Type::STREAM, None).map(drop)
    })
}

pub fn serve() -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (name, count) = line.split_once(' ').unwrap_or((&line, "1"));
        let count = count.parse().unwrap_or(1);
        let time = match name {
            "udp-64" => udp(count)?,
            "udp-64-recvfrom" => udp_recvfrom(count)?,
            "tcp-64" => tcp(count, 64)?,
            "tcp-64k" => tcp(count, 65536)?,
            "getsockopt" => getsockopt(count)?,
            "socket-close" => socket_close(count)?,
            _ => {
                println!("{name} missing measured in C and @sock/native only");
                continue;
            }
        };
        println!("{name} {time:.3}");
    }
    Ok(())
}
