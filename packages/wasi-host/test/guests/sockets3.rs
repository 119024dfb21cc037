//! A component of WASI 0.3 that uses its sockets: `tcp`, `udp`, or `lookup NAME`. It prints what came of it. Compiled by rustc 1.95
//! with wit-bindgen 0.60 for wasm32-wasip2 into sockets3.wasm; sockets3.sha256 has the checksums of both.

mod bindings {
    wit_bindgen::generate!({ world: "guest", path: "wit", generate_all });
}

use bindings::exports::wasi::cli::run::Guest;
use bindings::wasi::cli::environment::get_arguments;
use bindings::wasi::sockets::ip_name_lookup;
use bindings::wasi::sockets::types::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket, UdpSocket,
};
use futures::join;

const LOOPBACK: IpSocketAddress =
    IpSocketAddress::Ipv4(Ipv4SocketAddress { port: 0, address: (127, 0, 0, 1) });

/// Sends a megabyte from one end of a connection to the other, and an answer back.
async fn tcp() -> Result<String, ErrorCode> {
    let listener = TcpSocket::create(IpAddressFamily::Ipv4)?;
    listener.bind(LOOPBACK)?;
    let mut connections = listener.listen()?;
    let client = TcpSocket::create(IpAddressFamily::Ipv4)?;
    let (connected, accepted) =
        join!(client.connect(listener.get_local_address()?), connections.next());
    connected?;
    let server = accepted.expect("a connection");
    let data: Vec<u8> = (0..1_000_000u32).map(|at| (at * at >> 7) as u8).collect();
    let (mut writer, reader) = bindings::wit_stream::new();
    let (from_client, received) = server.receive();
    let (sent, _, got) = join!(
        async { client.send(reader).await },
        async {
            writer.write_all(data.clone()).await;
            drop(writer);
        },
        from_client.collect(),
    );
    sent?;
    received.await?;
    assert!(got == data);
    let (mut writer, reader) = bindings::wit_stream::new();
    let (from_server, received) = client.receive();
    let (sent, _, answer) = join!(
        async { server.send(reader).await },
        async {
            writer.write_all(b"half-closed".to_vec()).await;
            drop(writer);
        },
        from_server.collect(),
    );
    sent?;
    received.await?;
    Ok(format!("tcp {} {}", got.len(), String::from_utf8_lossy(&answer)))
}

async fn udp() -> Result<String, ErrorCode> {
    let receiver = UdpSocket::create(IpAddressFamily::Ipv4)?;
    receiver.bind(LOOPBACK)?;
    let sender = UdpSocket::create(IpAddressFamily::Ipv4)?;
    sender.connect(receiver.get_local_address()?)?;
    let (received, sent) = join!(receiver.receive(), sender.send(b"hello".to_vec(), None));
    sent?;
    let (data, from) = received?;
    let IpSocketAddress::Ipv4(from) = from else { panic!("an address of the other family") };
    Ok(format!("udp {} from {:?}", String::from_utf8_lossy(&data), from.address))
}

async fn lookup(name: String) -> Result<String, ip_name_lookup::ErrorCode> {
    let list = ip_name_lookup::resolve_addresses(name).await?;
    let is_loopback = |address: &IpAddress| match address {
        IpAddress::Ipv4(numbers) => *numbers == (127, 0, 0, 1),
        IpAddress::Ipv6(words) => *words == (0, 0, 0, 0, 0, 0, 0, 1),
    };
    Ok(format!("lookup {}", list.iter().all(is_loopback) && !list.is_empty()))
}

struct Program;

impl Guest for Program {
    async fn run() -> Result<(), ()> {
        let mut arguments = get_arguments().into_iter().skip(1);
        let what = arguments.next().unwrap_or_default();
        let outcome = match what.as_str() {
            "tcp" => tcp().await.map_err(|error| format!("{error:?}")),
            "udp" => udp().await.map_err(|error| format!("{error:?}")),
            _ => lookup(arguments.next().unwrap_or_default())
                .await
                .map_err(|error| format!("{error:?}")),
        };
        match outcome {
            Ok(text) => {
                println!("{text}");
                Ok(())
            }
            Err(text) => {
                println!("refused: {text}");
                Err(())
            }
        }
    }
}

bindings::export!(Program with_types_in bindings);
