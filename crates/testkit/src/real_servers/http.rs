//! One request to a server on loopback, for what tests do there as its users.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long an answer may take: a test that waits for longer waits for ever.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// What to ask an HTTP server on loopback, as whom.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Such as `PUT`.
    pub method: &'a str,
    /// With the query.
    pub path: &'a str,
    /// What the body is; nothing is sent without.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// Status and body of the answer.
///
/// By HTTP/1.0, whose answers end with the connection: there is nothing to decode.
pub(super) async fn ask(port: u16, user: &str, password: &str, request: Request<'_>) -> (u16, Vec<u8>) {
    let Request { method, path, content_type, body } = request;
    let login = BASE64.encode(format!("{user}:{password}"));
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {login}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
    stream.write_all(&[head.as_bytes(), body].concat()).await.expect("a listener");
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(ANSWER_WAIT, stream.read_to_end(&mut answer)).await;
    reading.unwrap_or_else(|_| panic!("{method} {path} is not answered")).expect("an answer");
    let head_len = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let head_len = head_len.unwrap_or_else(|| panic!("{method} {path}: {}", String::from_utf8_lossy(&answer))) + 4;
    let head = String::from_utf8_lossy(&answer[..head_len]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, answer.split_off(head_len))
}
