//! quinn-proto, the state machine of QUIC, for Node. It opens no socket and reads no socket: the program hands it the
//! datagrams that arrived, and asks for those that have to leave.
#![deny(clippy::all)]

mod congestion;

use bytes::{Bytes, BytesMut};
use congestion::{Counting, Marks};
use napi::bindgen_prelude::{Error, Result, Uint32ArraySlice, Uint8ArraySlice};
use napi_derive::napi;
use quinn_proto::{
    ClientConfig, Connection, ConnectionHandle, DatagramEvent, Dir, EcnCodepoint, Endpoint,
    EndpointConfig, Event, FinishError, MtuDiscoveryConfig, ReadError, ReadableError, ServerConfig,
    StreamEvent, StreamId, Transmit, TransportConfig, VarInt, WriteError,
};
use rustls::pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The numbers of one datagram in the array of `receive`: offset, length, sender, destination, ECN.
const FIELDS: usize = 5;
/// Stands for no address in an array of numbers.
const NONE: u32 = u32::MAX;

fn failed(error: impl std::fmt::Display) -> Error {
    Error::from_reason(error.to_string())
}

#[napi(object)]
pub struct StackInit {
    /// A certificate in PEM: the server's own, or the one that a client trusts.
    pub certificate: String,
    /// The key of the server in PEM. Without it the stack is a client.
    pub key: Option<String>,
    /// The most bytes of a UDP datagram that path MTU discovery may try.
    pub largest_datagram: u32,
}

/// What happened to a connection.
#[napi(object)]
pub struct StackEvent {
    pub connection: u32,
    /// `connected`, `lost`, `opened`, `readable`, `writable`, `finished` or `stopped`.
    pub kind: String,
    pub stream: Option<f64>,
    /// Why the connection was lost.
    pub reason: Option<String>,
}

/// What quinn-proto counted of a connection.
#[napi(object)]
pub struct ConnectionCounts {
    pub round_trip_ms: f64,
    pub congestion_window: f64,
    pub congestion_events: f64,
    pub lost_packets: f64,
    pub sent_packets: f64,
    pub largest_datagram: u32,
    pub black_holes: f64,
    pub sent_datagrams: f64,
    /// Calls of `transmit` that gave a datagram or a run.
    pub transmits: f64,
    pub received_datagrams: f64,
}

/// What went with the datagrams, as the state machine saw it.
#[napi(object)]
pub struct MarkCounts {
    /// Datagrams handed to `receive` with each mark.
    pub received_ect0: f64,
    pub received_ect1: f64,
    pub received_ce: f64,
    pub received_unmarked: f64,
    /// Whether the last packet asked for ECT(0). It does until the peer's counts contradict it: RFC 9000, 13.4.2.
    pub is_marking: bool,
    /// How often the peer's CE count made the congestion controller slow down.
    pub slowed_by_ce: f64,
    /// How often a loss did.
    pub slowed_by_loss: f64,
}

struct Response {
    transmit: Transmit,
    bytes: Vec<u8>,
}

/// The connections of one UDP socket.
#[napi]
pub struct Stack {
    endpoint: Endpoint,
    client: Option<ClientConfig>,
    connections: BTreeMap<usize, Connection>,
    /// Addresses cross to JavaScript as numbers.
    addresses: Vec<SocketAddr>,
    numbers: HashMap<SocketAddr, u32>,
    responses: VecDeque<Response>,
    events: VecDeque<StackEvent>,
    buffer: Vec<u8>,
    received: [u64; 4],
    is_marking: bool,
    marks: Arc<Marks>,
}

#[napi]
impl Stack {
    /// Throws if the certificate or the key cannot be read.
    #[napi(constructor)]
    pub fn new(init: StackInit) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certificate =
            CertificateDer::from_pem_slice(init.certificate.as_bytes()).map_err(failed)?;
        let largest = u16::try_from(init.largest_datagram).map_err(failed)?;
        let marks = Arc::new(Marks::default());
        let mut transport = TransportConfig::default();
        let mut discovery = MtuDiscoveryConfig::default();
        discovery.upper_bound(largest);
        transport
            .mtu_discovery_config(Some(discovery))
            .max_idle_timeout(Some(
                Duration::from_secs(30).try_into().map_err(failed)?,
            ))
            .congestion_controller_factory(Arc::new(Counting::new(marks.clone())));
        let transport = Arc::new(transport);
        let versions = &[&rustls::version::TLS13];
        let protocol = vec![b"exchange".to_vec()];
        let mut server = None;
        let mut client = None;
        if let Some(key) = init.key {
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(failed)?;
            let mut tls = rustls::ServerConfig::builder_with_provider(provider)
                .with_protocol_versions(versions)
                .map_err(failed)?
                .with_no_client_auth()
                .with_single_cert(vec![certificate], key)
                .map_err(failed)?;
            tls.alpn_protocols = protocol;
            let crypto = quinn_proto::crypto::rustls::QuicServerConfig::try_from(tls);
            let mut config = ServerConfig::with_crypto(Arc::new(crypto.map_err(failed)?));
            config.transport_config(transport);
            server = Some(Arc::new(config));
        } else {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(certificate).map_err(failed)?;
            let mut tls = rustls::ClientConfig::builder_with_provider(provider)
                .with_protocol_versions(versions)
                .map_err(failed)?
                .with_root_certificates(roots)
                .with_no_client_auth();
            tls.alpn_protocols = protocol;
            let crypto = quinn_proto::crypto::rustls::QuicClientConfig::try_from(tls);
            let mut config = ClientConfig::new(Arc::new(crypto.map_err(failed)?));
            config.transport_config(transport);
            client = Some(config);
        }
        let mut config = EndpointConfig::default();
        config.max_udp_payload_size(largest).map_err(failed)?;
        Ok(Self {
            endpoint: Endpoint::new(Arc::new(config), server, true, None),
            client,
            connections: BTreeMap::new(),
            addresses: Vec::new(),
            numbers: HashMap::new(),
            responses: VecDeque::new(),
            events: VecDeque::new(),
            buffer: Vec::with_capacity(65536),
            received: [0; 4],
            is_marking: false,
            marks,
        })
    }

    /// The number of an address. The same address always has the same number.
    #[napi]
    pub fn number(&mut self, ip: String, port: u16) -> Result<u32> {
        let ip: IpAddr = ip.parse().map_err(failed)?;
        Ok(self.number_of(SocketAddr::new(ip, port)))
    }

    /// The address of a number, without its port.
    #[napi]
    pub fn ip(&self, number: u32) -> Result<String> {
        Ok(self.address(number)?.ip().to_string())
    }

    #[napi]
    pub fn port(&self, number: u32) -> Result<u16> {
        Ok(self.address(number)?.port())
    }

    /// Begins a connection to the address of a number. Returns the connection's number.
    #[napi]
    pub fn connect(&mut self, address: u32, name: String) -> Result<u32> {
        let config = self.client.clone();
        let config = config.ok_or_else(|| failed("a server does not connect"))?;
        let remote = self.address(address)?;
        let (handle, connection) = self
            .endpoint
            .connect(Instant::now(), config, remote, &name)
            .map_err(failed)?;
        self.connections.insert(handle.0, connection);
        Ok(handle.0 as u32)
    }

    /// Takes datagrams that arrived. `data` holds their bytes, and `datagrams` five numbers for each: offset and length
    /// in `data`, the sender's number, the number of the address that it came to or 0xffffffff, and the ECN bits.
    #[napi]
    pub fn receive(&mut self, data: &[u8], datagrams: &[u32], count: u32) -> Result<()> {
        let now = Instant::now();
        let count = count as usize;
        if datagrams.len() < count * FIELDS {
            return Err(failed("datagrams is too short"));
        }
        let mut touched = Vec::new();
        for fields in datagrams.chunks_exact(FIELDS).take(count) {
            let start = fields[0] as usize;
            let bytes = data.get(start..start + fields[1] as usize);
            let bytes = bytes.ok_or_else(|| failed("a datagram ends behind the data"))?;
            let remote = self.address(fields[2])?;
            let local = match fields[3] {
                NONE => None,
                number => Some(self.address(number)?.ip()),
            };
            let mark = (fields[4] & 3) as u8;
            self.received[mark as usize] += 1;
            let ecn = EcnCodepoint::from_bits(mark);
            self.buffer.clear();
            let event = self.endpoint.handle(
                now,
                remote,
                local,
                ecn,
                BytesMut::from(bytes),
                &mut self.buffer,
            );
            match event {
                Some(DatagramEvent::ConnectionEvent(handle, event)) => {
                    if let Some(connection) = self.connections.get_mut(&handle.0) {
                        connection.handle_event(event);
                        if touched.last() != Some(&handle.0) {
                            touched.push(handle.0);
                        }
                    }
                }
                Some(DatagramEvent::NewConnection(incoming)) => {
                    self.buffer.clear();
                    match self.endpoint.accept(incoming, now, &mut self.buffer, None) {
                        Ok((handle, connection)) => {
                            self.connections.insert(handle.0, connection);
                            touched.push(handle.0);
                        }
                        Err(error) => {
                            if let Some(transmit) = error.response {
                                self.respond(transmit);
                            }
                        }
                    }
                }
                Some(DatagramEvent::Response(transmit)) => self.respond(transmit),
                None => {}
            }
        }
        touched.sort_unstable();
        touched.dedup();
        for handle in touched {
            self.settle(handle);
        }
        Ok(())
    }

    /// Writes what has to leave next to `buffer`: a datagram, or a run of datagrams of one size. `out` gets its length,
    /// the size of each datagram (0: it is one), the ECN bits, the receiver's number, and the number of the address
    /// that it leaves from or 0xffffffff. Returns `false` if nothing has to leave now.
    #[napi]
    pub fn transmit(
        &mut self,
        mut buffer: Uint8ArraySlice,
        mut out: Uint32ArraySlice,
        most: u32,
    ) -> Result<bool> {
        // SAFETY: JavaScript waits for this call, and the two arrays are of different types, so nothing else uses them.
        let (buffer, out) = unsafe { (buffer.as_mut(), out.as_mut()) };
        if out.len() < FIELDS {
            return Err(failed("out is too short"));
        }
        let now = Instant::now();
        let transmit = match self.responses.pop_front() {
            Some(response) => {
                self.buffer = response.bytes;
                Some(response.transmit)
            }
            None => self.next_of_connections(now, most.max(1) as usize),
        };
        let Some(transmit) = transmit else {
            return Ok(false);
        };
        let room = buffer.get_mut(..transmit.size);
        let room = room.ok_or_else(|| failed("buffer is too short"))?;
        room.copy_from_slice(&self.buffer[..transmit.size]);
        out[0] = transmit.size as u32;
        out[1] = transmit.segment_size.unwrap_or(0) as u32;
        out[2] = transmit.ecn.map_or(0, |ecn| ecn as u32);
        out[3] = self.number_of(transmit.destination);
        out[4] = match transmit.src_ip {
            Some(ip) => self.number_of(SocketAddr::new(ip, 0)),
            None => NONE,
        };
        Ok(true)
    }

    fn next_of_connections(&mut self, now: Instant, most: usize) -> Option<Transmit> {
        for connection in self.connections.values_mut() {
            self.buffer.clear();
            if let Some(transmit) = connection.poll_transmit(now, most, &mut self.buffer) {
                self.is_marking = transmit.ecn.is_some();
                return Some(transmit);
            }
        }
        None
    }

    /// Milliseconds until `expire` has to be called: 0 at once, -1 never.
    #[napi]
    pub fn timeout(&mut self) -> f64 {
        let next = self.connections.values_mut();
        match next.filter_map(Connection::poll_timeout).min() {
            Some(when) => when.saturating_duration_since(Instant::now()).as_secs_f64() * 1e3,
            None => -1.0,
        }
    }

    /// Handles the times that have come.
    #[napi]
    pub fn expire(&mut self) {
        let now = Instant::now();
        let handles: Vec<usize> = self.connections.keys().copied().collect();
        for handle in handles {
            if let Some(connection) = self.connections.get_mut(&handle) {
                if connection.poll_timeout().is_some_and(|when| when <= now) {
                    connection.handle_timeout(now);
                    self.settle(handle);
                }
            }
        }
    }

    /// The next thing that happened, if any.
    #[napi]
    pub fn event(&mut self) -> Option<StackEvent> {
        self.events.pop_front()
    }

    /// Opens a stream in both directions. Returns its number, or `null` if the peer allows no more.
    #[napi]
    pub fn open(&mut self, connection: u32) -> Result<Option<f64>> {
        let stream = self.connection(connection)?.streams().open(Dir::Bi);
        Ok(stream.map(number_of_stream))
    }

    /// Takes bytes for a stream. Returns how many; 0 if it has no room: an event `writable` follows.
    #[napi]
    pub fn write(&mut self, connection: u32, stream: f64, bytes: &[u8]) -> Result<u32> {
        let connection = self.connection(connection)?;
        match connection.send_stream(stream_of(stream)?).write(bytes) {
            Ok(taken) => Ok(taken as u32),
            Err(WriteError::Blocked) => Ok(0),
            Err(error) => Err(failed(error)),
        }
    }

    /// Says that a stream gets no more bytes.
    #[napi]
    pub fn finish(&mut self, connection: u32, stream: f64) -> Result<()> {
        let connection = self.connection(connection)?;
        match connection.send_stream(stream_of(stream)?).finish() {
            Ok(()) | Err(FinishError::Stopped(_)) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Reads bytes of a stream. Returns how many; 0 if none has arrived: an event `readable` follows; -1 at the end.
    #[napi]
    pub fn read(&mut self, connection: u32, stream: f64, mut buffer: Uint8ArraySlice) -> Result<i32> {
        // SAFETY: JavaScript waits for this call, so nothing else uses the array.
        let buffer = unsafe { buffer.as_mut() };
        let connection = self.connection(connection)?;
        let mut receiving = connection.recv_stream(stream_of(stream)?);
        let mut chunks = match receiving.read(true) {
            Ok(chunks) => chunks,
            Err(ReadableError::ClosedStream) => return Ok(-1),
            Err(error) => return Err(failed(error)),
        };
        let mut length = 0;
        let mut outcome = Ok(());
        let mut ended = false;
        while length < buffer.len() {
            match chunks.next(buffer.len() - length) {
                Ok(Some(chunk)) => {
                    buffer[length..length + chunk.bytes.len()].copy_from_slice(&chunk.bytes);
                    length += chunk.bytes.len();
                }
                Ok(None) => {
                    ended = true;
                    break;
                }
                Err(ReadError::Blocked) => break,
                Err(error) => {
                    outcome = Err(failed(error));
                    break;
                }
            }
        }
        // The connection tells the peer of the room by itself: `transmit` asks it.
        let _ = chunks.finalize();
        outcome?;
        Ok(match length {
            0 if ended => -1,
            _ => length as i32,
        })
    }

    /// Ends a connection. The peer is told by what `transmit` gives next.
    #[napi]
    pub fn close(&mut self, connection: u32) -> Result<()> {
        let reason = Bytes::from_static(b"done");
        self.connection(connection)?
            .close(Instant::now(), VarInt::from_u32(0), reason);
        self.settle(connection as usize);
        Ok(())
    }

    /// How many connections there are, those that are closing included.
    #[napi(getter)]
    pub fn connections(&self) -> u32 {
        self.connections.len() as u32
    }

    #[napi]
    pub fn counts(&mut self, connection: u32) -> Result<ConnectionCounts> {
        let stats = self.connection(connection)?.stats();
        Ok(ConnectionCounts {
            round_trip_ms: stats.path.rtt.as_secs_f64() * 1e3,
            congestion_window: stats.path.cwnd as f64,
            congestion_events: stats.path.congestion_events as f64,
            lost_packets: stats.path.lost_packets as f64,
            sent_packets: stats.path.sent_packets as f64,
            largest_datagram: u32::from(stats.path.current_mtu),
            black_holes: stats.path.black_holes_detected as f64,
            sent_datagrams: stats.udp_tx.datagrams as f64,
            transmits: stats.udp_tx.ios as f64,
            received_datagrams: stats.udp_rx.datagrams as f64,
        })
    }

    #[napi]
    pub fn marks(&self) -> MarkCounts {
        let received = |ecn: EcnCodepoint| self.received[ecn as usize] as f64;
        MarkCounts {
            received_ect0: received(EcnCodepoint::Ect0),
            received_ect1: received(EcnCodepoint::Ect1),
            received_ce: received(EcnCodepoint::Ce),
            received_unmarked: self.received[0] as f64,
            is_marking: self.is_marking,
            slowed_by_ce: self.marks.ce.load(Ordering::Relaxed) as f64,
            slowed_by_loss: self.marks.loss.load(Ordering::Relaxed) as f64,
        }
    }

    fn address(&self, number: u32) -> Result<SocketAddr> {
        let address = self.addresses.get(number as usize).copied();
        address.ok_or_else(|| failed(format!("there is no address {number}")))
    }

    fn number_of(&mut self, address: SocketAddr) -> u32 {
        if let Some(&number) = self.numbers.get(&address) {
            return number;
        }
        let number = self.addresses.len() as u32;
        self.addresses.push(address);
        self.numbers.insert(address, number);
        number
    }

    fn connection(&mut self, number: u32) -> Result<&mut Connection> {
        let connection = self.connections.get_mut(&(number as usize));
        connection.ok_or_else(|| failed(format!("there is no connection {number}")))
    }

    fn respond(&mut self, transmit: Transmit) {
        let bytes = std::mem::take(&mut self.buffer);
        self.responses.push_back(Response { transmit, bytes });
    }

    /// Exchanges what the endpoint and a connection have to tell each other, and keeps what the program has to know.
    fn settle(&mut self, handle: usize) {
        let Some(connection) = self.connections.get_mut(&handle) else {
            return;
        };
        let mut drained = false;
        while let Some(event) = connection.poll_endpoint_events() {
            drained |= event.is_drained();
            if let Some(event) = self
                .endpoint
                .handle_event(ConnectionHandle(handle), event)
            {
                connection.handle_event(event);
            }
        }
        while let Some(event) = connection.poll() {
            let (kind, stream, reason) = match event {
                Event::Connected => ("connected", None, None),
                Event::ConnectionLost { reason } => ("lost", None, Some(reason.to_string())),
                Event::Stream(StreamEvent::Opened { dir }) => {
                    while let Some(stream) = connection.streams().accept(dir) {
                        self.events.push_back(StackEvent {
                            connection: handle as u32,
                            kind: "opened".into(),
                            stream: Some(number_of_stream(stream)),
                            reason: None,
                        });
                    }
                    continue;
                }
                Event::Stream(StreamEvent::Readable { id }) => ("readable", Some(id), None),
                Event::Stream(StreamEvent::Writable { id }) => ("writable", Some(id), None),
                Event::Stream(StreamEvent::Finished { id }) => ("finished", Some(id), None),
                Event::Stream(StreamEvent::Stopped { id, .. }) => ("stopped", Some(id), None),
                _ => continue,
            };
            // Each packet of a batch may say the same of a stream.
            let stream = stream.map(number_of_stream);
            let last = self.events.back();
            let is_told = last.is_some_and(|last| {
                last.connection == handle as u32 && last.kind == kind && last.stream == stream
            });
            if is_told {
                continue;
            }
            self.events.push_back(StackEvent {
                connection: handle as u32,
                kind: kind.into(),
                stream,
                reason,
            });
        }
        if drained {
            self.connections.remove(&handle);
        }
    }
}

fn number_of_stream(id: StreamId) -> f64 {
    u64::from(VarInt::from(id)) as f64
}

fn stream_of(number: f64) -> Result<StreamId> {
    let id = VarInt::from_u64(number as u64).map_err(failed)?;
    Ok(StreamId::from(id))
}
