//! The servers. A datagram of one byte asks for what came so far: how many, and how many bytes.
use crate::calls::bound;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use socket2::{Socket, Type};
use quinn_udp::{RecvMeta, UdpSockRef, UdpSocketState, BATCH_SIZE};
use std::io::{ErrorKind, IoSliceMut, Read, Result, Write};

const LISTENER: Token = Token(usize::MAX);

fn listener() -> Result<Socket> {
    let (socket, address) = bound(Type::STREAM)?;
    socket.listen(4096)?;
    say(&address);
    Ok(socket)
}

fn say(address: &socket2::SockAddr) {
    println!("{}", address.as_socket_ipv4().map_or(0, |it| it.port()));
}

/// A connection, and what its peer was too slow to take.
struct Connection {
    stream: TcpStream,
    pending: Vec<u8>,
}

impl Connection {
    /// Whether it goes on.
    fn serve(&mut self, buffer: &mut [u8]) -> Result<bool> {
        if self.pending.is_empty() {
            let length = match self.stream.read(buffer) {
                Ok(0) => return Ok(false),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            };
            self.send(&buffer[..length])?;
        } else {
            let pending = std::mem::take(&mut self.pending);
            self.send(&pending)?;
        }
        Ok(true)
    }

    fn send(&mut self, data: &[u8]) -> Result<()> {
        match self.stream.write(data) {
            Ok(sent) => self.pending.extend_from_slice(&data[sent..]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.pending.extend_from_slice(data)
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

pub fn echo() -> Result<()> {
    let socket = listener()?;
    socket.set_nonblocking(true)?;
    let mut server = TcpListener::from_std(socket.into());
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut server, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(256);
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut buffer = vec![0u8; 65536];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = server.accept() {
                    stream.set_nodelay(true)?;
                    let token = Token(connections.len());
                    let interest = Interest::READABLE | Interest::WRITABLE;
                    poll.registry().register(&mut stream, token, interest)?;
                    let pending = Vec::new();
                    connections.push(Some(Connection { stream, pending }));
                }
                continue;
            }
            // mio is edge-triggered; one read takes what a request has.
            let slot = &mut connections[event.token().0];
            let Some(connection) = slot else { continue };
            if !matches!(connection.serve(&mut buffer), Ok(true)) {
                *slot = None;
            }
        }
    }
}

pub fn accept() -> Result<()> {
    let server = listener()?;
    loop {
        drop(server.accept());
    }
}

pub fn receive() -> Result<()> {
    let (mut socket, address) = bound(Type::DGRAM)?;
    socket.set_recv_buffer_size(4 << 20)?;
    say(&address);
    let mut buffer = vec![0u8; 65536];
    let (mut datagrams, mut bytes) = (0u64, 0usize);
    loop {
        let length = socket.read(&mut buffer)?;
        datagrams += 1;
        bytes += length;
        if length == 1 {
            println!("{} {datagrams} {bytes}", buffer[0]);
        }
    }
}

/// By mio, which is edge-triggered: only the call that finds nothing says that there is no more.
pub fn receive_on_loop() -> Result<()> {
    let (socket, address) = bound(Type::DGRAM)?;
    socket.set_recv_buffer_size(4 << 20)?;
    socket.set_nonblocking(true)?;
    let mut socket = mio::net::UdpSocket::from_std(socket.into());
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut socket, LISTENER, Interest::READABLE)?;
    say(&address);
    let mut buffer = vec![0u8; 65536];
    let mut events = Events::with_capacity(4);
    let (mut datagrams, mut bytes) = (0u64, 0usize);
    loop {
        match socket.recv(&mut buffer) {
            Ok(length) => {
                datagrams += 1;
                bytes += length;
                if length == 1 {
                    println!("{} {datagrams} {bytes}", buffer[0]);
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => poll.poll(&mut events, None)?,
            Err(error) => return Err(error),
        }
    }
}

/// The same as [`receive`] by quinn-udp, which gives the ECN bits and the destination of each datagram, and no time.
pub fn receive_meta(bulk: bool) -> Result<()> {
    let (socket, address) = bound(Type::DGRAM)?;
    socket.set_recv_buffer_size(4 << 20)?;
    let mut socket = mio::net::UdpSocket::from_std(socket.into());
    let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut socket, LISTENER, Interest::READABLE)?;
    say(&address);
    let room = if bulk { 65536 } else { 2048 };
    let mut arena = vec![0u8; BATCH_SIZE * room];
    let mut meta = [RecvMeta::default(); BATCH_SIZE];
    let mut events = Events::with_capacity(4);
    let (mut datagrams, mut bytes) = (0u64, 0usize);
    let mut ecn = [0u64; 4];
    loop {
        let mut pieces: Vec<_> = arena.chunks_mut(room).map(IoSliceMut::new).collect();
        match state.recv(UdpSockRef::from(&socket), &mut pieces, &mut meta) {
            Ok(count) => {
                for (piece, meta) in pieces.iter().zip(&meta).take(count) {
                    datagrams += 1;
                    bytes += meta.len;
                    ecn[meta.ecn.map_or(0, |it| it as usize)] += 1;
                    std::hint::black_box(meta.dst_ip);
                    if meta.len == 1 {
                        std::hint::black_box(&ecn);
                        println!("{} {datagrams} {bytes}", piece[0]);
                    }
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => poll.poll(&mut events, None)?,
            Err(error) => return Err(error),
        }
    }
}
