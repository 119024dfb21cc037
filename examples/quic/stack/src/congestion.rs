//! CUBIC as quinn-proto has it, which also counts why it slowed down.

use quinn_proto::congestion::{Controller, ControllerFactory, ControllerMetrics, CubicConfig};
use quinn_proto::RttEstimator;
use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;

#[derive(Default)]
pub struct Marks {
    pub ce: AtomicU64,
    pub loss: AtomicU64,
}

/// Makes the controllers of the connections of one socket.
pub struct Counting {
    marks: Arc<Marks>,
    cubic: Arc<CubicConfig>,
}

impl Counting {
    pub fn new(marks: Arc<Marks>) -> Self {
        let cubic = Arc::new(CubicConfig::default());
        Self { marks, cubic }
    }
}

impl ControllerFactory for Counting {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        Box::new(CountingController {
            marks: self.marks.clone(),
            inner: self.cubic.clone().build(now, current_mtu),
        })
    }
}

struct CountingController {
    marks: Arc<Marks>,
    inner: Box<dyn Controller>,
}

impl Controller for CountingController {
    fn on_sent(&mut self, now: Instant, bytes: u64, last_packet_number: u64) {
        self.inner.on_sent(now, bytes, last_packet_number);
    }

    fn on_ack(
        &mut self,
        now: Instant,
        sent: Instant,
        bytes: u64,
        app_limited: bool,
        rtt: &RttEstimator,
    ) {
        self.inner.on_ack(now, sent, bytes, app_limited, rtt);
    }

    fn on_end_acks(
        &mut self,
        now: Instant,
        in_flight: u64,
        app_limited: bool,
        largest_packet_num_acked: Option<u64>,
    ) {
        let largest = largest_packet_num_acked;
        self.inner.on_end_acks(now, in_flight, app_limited, largest);
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent_congestion: bool,
        lost_bytes: u64,
    ) {
        // quinn-proto reports a CE mark as a congestion event that lost nothing.
        let counter = match lost_bytes {
            0 => &self.marks.ce,
            _ => &self.marks.loss,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        self.inner
            .on_congestion_event(now, sent, is_persistent_congestion, lost_bytes);
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.inner.on_mtu_update(new_mtu);
    }

    fn window(&self) -> u64 {
        self.inner.window()
    }

    fn metrics(&self) -> ControllerMetrics {
        self.inner.metrics()
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(Self {
            marks: self.marks.clone(),
            inner: self.inner.clone_box(),
        })
    }

    fn initial_window(&self) -> u64 {
        self.inner.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
