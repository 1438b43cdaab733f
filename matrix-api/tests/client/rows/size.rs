//! Row 10: documents that are deep, long or wide.

use std::time::Duration;

use matrix_api::{
    Response,
    client_server::{GetRoomEventsResponse, SyncEventsResponse},
};

/// What this thread has computed so far, where the system tells; else the time of day.
fn computed() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// Two seconds at most, on a machine that does other things, too.
fn quickly<T>(read: impl FnOnce() -> T) -> T {
    let start = computed();
    let done = read();
    let took = computed() - start;
    assert!(took < Duration::from_secs(2), "{took:?}");
    done
}

#[test]
fn row_10_depth_overflows_nothing() {
    let deep = "[".repeat(1_000_000);
    for body in [deep.clone(), format!(r#"{{"start":"a","chunk":{deep}"#), format!("{{\"x\":{deep}")] {
        assert!(quickly(|| GetRoomEventsResponse::from_json(body.as_bytes())).is_err());
    }
    let closed = format!(r#"{{"start":"a","chunk":[{deep}{}]}}"#, "]".repeat(1_000_000));
    assert_eq!(quickly(|| GetRoomEventsResponse::from_json(closed.as_bytes())).unwrap().chunk.len(), 1);
    assert!(quickly(|| GetRoomEventsResponse::warnings(closed.as_bytes())).len() <= 1);
    let event = format!(r#"{{"start":"a","chunk":[{}1{}]}}"#, r#"{"a":"#.repeat(1_000_000), "}".repeat(1_000_000));
    let read = quickly(|| GetRoomEventsResponse::from_json(event.as_bytes())).unwrap();
    // What lies inside is refused when somebody asks for it.
    assert!(quickly(|| read.chunk[0].parse::<serde_json::Value>()).is_err());
}

#[test]
fn row_10_length_and_width_are_read() {
    let long = format!(r#"{{"start":"{}","chunk":[]}}"#, "x".repeat(100 << 20));
    assert_eq!(quickly(|| GetRoomEventsResponse::from_json(long.as_bytes())).unwrap().start.len(), 100 << 20);
    drop(long);
    let keys: String = (0..1_000_000).map(|key| format!(r#""{key}":1,"#)).collect();
    let wide = format!(r#"{{{keys}"next_batch":"s"}}"#);
    assert_eq!(quickly(|| SyncEventsResponse::from_json(wide.as_bytes())).unwrap().next_batch, "s");
}
