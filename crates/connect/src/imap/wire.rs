//! The connection below the IMAP client: encrypted, bounded, and able to hear what the client does not understand.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{ImapSettings, Security};
use crate::{SourceError, http::is_this_machine};

/// Bytes that the answer to one command may have: 200 messages with the longest header fields that servers take.
const ANSWER_MAX_BYTES: usize = 64 << 20;
/// Bytes of a line while the connection is not yet encrypted.
const LINE_MAX_BYTES: u64 = 8 << 10;
/// What an answer about namespaces begins with.
const NAMESPACE: &[u8] = b"* NAMESPACE ";

#[derive(Debug)]
enum Transport {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// A connection to an IMAP server.
#[derive(Debug)]
pub(super) struct Wire {
    transport: Transport,
    /// Bytes that may still be read before the next command.
    left_bytes: usize,
    /// Where an answer about namespaces is expected: what was read and not passed on.
    listening: Option<Vec<u8>>,
    /// Read, and to be passed on.
    ready: Vec<u8>,
    /// The answer about namespaces: the client cannot read it, and would take it for the end of the connection.
    pub(super) namespace: Option<String>,
}

impl Wire {
    /// Connects as far as the server's greeting: with [`Security::StartTls`] that was read already.
    pub(super) async fn connect(settings: &ImapSettings) -> Result<(Self, bool), SourceError> {
        let host = settings.host.as_str();
        if settings.security == Security::None && !is_this_machine(host) {
            return Err(SourceError::credentials(format!(
                "`{host}` is another machine: an unencrypted connection would tell everybody the password"
            )));
        }
        let unreachable =
            |error: &io::Error| SourceError::unavailable(format!("`{host}:{}` cannot be reached: {error}", settings.port));
        let stream = TcpStream::connect((host, settings.port)).await.map_err(|error| unreachable(&error))?;
        stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
        let (transport, was_greeted) = match settings.security {
            Security::None => (Transport::Plain(stream), false),
            Security::Tls => (encrypted(host, stream).await?, false),
            Security::StartTls => (encrypted(host, start_tls(stream).await?).await?, true),
        };
        Ok((Self { transport, left_bytes: ANSWER_MAX_BYTES, listening: None, ready: Vec::new(), namespace: None }, was_greeted))
    }

    /// A new command: its answer may be as long as any.
    pub(super) fn expect_answer(&mut self) {
        self.left_bytes = ANSWER_MAX_BYTES;
    }

    /// A command whose answer is about namespaces.
    pub(super) fn expect_namespace(&mut self) {
        self.expect_answer();
        self.listening = Some(Vec::new());
    }

    fn poll_transport(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left_bytes == 0 {
            return Poll::Ready(Err(io::Error::other(format!("an answer is longer than {ANSWER_MAX_BYTES} bytes"))));
        }
        let mut bounded = buffer.take(self.left_bytes);
        ready!(match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_read(context, &mut bounded),
            Transport::Encrypted(stream) => Pin::new(stream).poll_read(context, &mut bounded),
        })?;
        let read = bounded.filled().len();
        self.left_bytes -= read;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }

    /// Takes whole lines out of what was heard; the one about namespaces is kept back.
    fn sort_lines(&mut self) {
        let Some(heard) = &mut self.listening else { return };
        while let Some(end) = heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = heard.drain(..=end).collect();
            let is_meant = line.get(..NAMESPACE.len()).is_some_and(|start| start.eq_ignore_ascii_case(NAMESPACE));
            if is_meant && self.namespace.is_none() {
                self.namespace = Some(String::from_utf8_lossy(&line[NAMESPACE.len()..]).trim_end().to_owned());
            } else {
                self.ready.extend_from_slice(&line);
            }
            if !line.starts_with(b"*") {
                // The command is done; nothing follows it.
                self.ready.append(heard);
                self.listening = None;
                return;
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if !this.ready.is_empty() {
                let taken = this.ready.len().min(buffer.remaining());
                buffer.put_slice(&this.ready[..taken]);
                this.ready.drain(..taken);
                return Poll::Ready(Ok(()));
            }
            if this.listening.is_none() {
                return this.poll_transport(context, buffer);
            }
            let mut bytes = [0; 1024];
            let mut heard = ReadBuf::new(&mut bytes);
            ready!(this.poll_transport(context, &mut heard))?;
            let read = heard.filled();
            if read.is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.listening.get_or_insert_default().extend_from_slice(read);
            this.sort_lines();
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().transport {
            Transport::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Transport::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().transport {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(context),
            Transport::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().transport {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Transport::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

async fn encrypted(host: &str, stream: TcpStream) -> Result<Transport, SourceError> {
    // The first to come decides for the process, and all decide alike.
    _ = rustls::crypto::ring::default_provider().install_default();
    let wrong = |error: &dyn std::fmt::Display| SourceError::unavailable(format!("no encrypted connection to `{host}`: {error}"));
    let config = ClientConfig::with_platform_verifier().map_err(|error| wrong(&error))?;
    let name = match host.parse::<IpAddr>() {
        Ok(ip) => ServerName::from(ip),
        Err(_) => ServerName::try_from(host.to_owned()).map_err(|error| wrong(&error))?,
    };
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| wrong(&error))?;
    Ok(Transport::Encrypted(Box::new(stream)))
}

/// Asks the server to go on encrypted (RFC 2595). Nothing that it says before is believed.
async fn start_tls(stream: TcpStream) -> Result<TcpStream, SourceError> {
    let lost = |error: io::Error| SourceError::unavailable(format!("the server went away before encryption: {error}"));
    let mut reader = BufReader::new(tokio::io::AsyncReadExt::take(stream, LINE_MAX_BYTES));
    let mut line = String::new();
    reader.read_line(&mut line).await.map_err(lost)?;
    reader.get_mut().get_mut().write_all(b"s STARTTLS\r\n").await.map_err(lost)?;
    loop {
        line.clear();
        if reader.read_line(&mut line).await.map_err(lost)? == 0 {
            return Err(SourceError::unavailable("the server went away before encryption"));
        }
        if let Some(answer) = line.strip_prefix("s ") {
            // What is buffered now was sent before encryption: injected, or a server that keeps no protocol.
            let is_clean = reader.buffer().is_empty();
            return if is_clean && answer.get(..2).is_some_and(|ok| ok.eq_ignore_ascii_case("ok")) {
                Ok(reader.into_inner().into_inner())
            } else {
                Err(SourceError::unexpected(format!("the server does not encrypt: {}", answer.trim())))
            };
        }
    }
}
