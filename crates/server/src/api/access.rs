//! How the server is reached: where it listens, through which proxies, under which address, and whether whoever comes must sign in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::{HeaderMap, uri::Authority},
};
use ipnet::IpNet;
use rapport_connect::http::is_this_machine;

use crate::AppError;

/// How the server is reached, as its operator says.
#[derive(Clone, Debug)]
pub struct Access {
    /// `HOST:PORT`.
    pub listen: String,
    /// Whether everybody must sign in, also on this machine.
    pub require_sign_in: bool,
    /// The address under which browsers reach it, e.g. `https://rapport.example.com`.
    pub public_url: Option<String>,
    /// Reverse proxies whose word on who asks and how is taken: addresses or networks.
    pub trusted_proxies: Vec<String>,
}

impl Access {
    /// On an address of this machine, for this machine.
    pub fn local(listen: &str) -> Self {
        Self { listen: listen.to_owned(), require_sign_in: false, public_url: None, trusted_proxies: Vec::new() }
    }
}

impl Access {
    /// Refuses what makes no sense.
    pub fn check(&self) -> Result<(), AppError> {
        Reached::check(self).map(|_| ())
    }
}

/// The same, checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reached {
    /// Whether everybody must sign in, whether or not anybody can.
    pub(crate) requires_sign_in: bool,
    /// Whether it listens beyond this machine.
    pub(crate) is_open: bool,
    /// Scheme and authority of the public address.
    pub(crate) public: Option<(String, Authority)>,
    trusted: Vec<IpNet>,
}

/// Who is at the other end of a request's connection, and how they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The machine that asks.
    pub(crate) machine: IpAddr,
    /// Whether nobody between could read along.
    pub(crate) is_encrypted: bool,
}

impl Reached {
    pub(crate) fn check(access: &Access) -> Result<Self, AppError> {
        let is_open = !is_this_machine(listen_host(&access.listen)?);
        let public = access.public_url.as_deref().map(public).transpose()?;
        let trusted = access.trusted_proxies.iter().map(|text| network(text)).collect::<Result<Vec<_>, _>>()?;
        // Whoever comes through a proxy is not on this machine.
        let requires_sign_in = access.require_sign_in || is_open || public.is_some() || !trusted.is_empty();
        Ok(Self { requires_sign_in, is_open, public, trusted })
    }

    /// Whether this is a name under which the server may be asked.
    pub(super) fn is_known_host(&self, authority: &Authority) -> bool {
        // Whoever listens beyond this machine may be reached by names that nobody told; without the cookie of the right name they get nothing.
        is_this_machine(authority.host()) || self.is_open || self.public.as_ref().is_some_and(|(_, public)| public == authority)
    }

    /// Whether a page of this origin is ours.
    pub(super) fn is_own_origin(&self, origin: &str, host: &str) -> bool {
        let own = |authority: &str| authority.eq_ignore_ascii_case(host);
        let is_public =
            |(scheme, authority): &(String, Authority)| origin.eq_ignore_ascii_case(&format!("{scheme}://{authority}"));
        origin.split_once("://").is_some_and(|(_, authority)| own(authority)) || self.public.as_ref().is_some_and(is_public)
    }

    /// Who asks. What a proxy says counts only if it is one of ours: anybody can write a header.
    pub(super) fn peer(&self, request: &Request) -> Peer {
        // Without a connection there is a test.
        let direct =
            request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
        let is_public_encrypted = self.public.as_ref().is_some_and(|(scheme, _)| scheme == "https");
        if !self.is_trusted(direct) {
            return Peer { machine: direct, is_encrypted: is_public_encrypted };
        }
        let headers = request.headers();
        let forwarded = list(headers, "x-forwarded-for");
        // From the last: each proxy appends whom it heard from, and the first that is none of ours is who asks.
        let hops = forwarded.iter().rev().map_while(|text| text.parse::<IpAddr>().ok());
        let mut machine = direct;
        for hop in hops {
            machine = hop;
            if !self.is_trusted(hop) {
                break;
            }
        }
        let schemes = list(headers, "x-forwarded-proto");
        let is_encrypted = schemes.last().map_or(is_public_encrypted, |scheme| scheme.eq_ignore_ascii_case("https"));
        Peer { machine, is_encrypted }
    }

    fn is_trusted(&self, machine: IpAddr) -> bool {
        let plain = match machine {
            IpAddr::V6(address) => address.to_ipv4_mapped().map_or(machine, IpAddr::V4),
            IpAddr::V4(_) => machine,
        };
        self.trusted.iter().any(|network| network.contains(&plain))
    }
}

/// The parts of a header that may come several times, each with several values.
fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let texts = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
    texts.flat_map(|text| text.split(',')).map(|part| part.trim().to_owned()).collect()
}

/// The host of an address to listen on.
fn listen_host(listen: &str) -> Result<&str, AppError> {
    let wrong =
        || AppError::invalid(format!("`{listen}` is no address to listen on")).with_hint("write HOST:PORT, e.g. 127.0.0.1:8080");
    let (host, port) = listen.rsplit_once(':').ok_or_else(wrong)?;
    let is_address = listen.parse::<SocketAddr>().is_ok() || host.eq_ignore_ascii_case("localhost");
    if port.parse::<u16>().is_err() || !is_address {
        return Err(wrong());
    }
    Ok(host)
}

fn public(text: &str) -> Result<(String, Authority), AppError> {
    let wrong = || {
        AppError::invalid(format!("`{text}` is no public address"))
            .with_hint("write scheme and host, without a path, e.g. https://rapport.example.com")
    };
    let (scheme, rest) = text.trim_end_matches('/').split_once("://").ok_or_else(wrong)?;
    let authority: Authority = rest.parse().map_err(|_| wrong())?;
    if !matches!(scheme, "http" | "https") || rest.contains('@') {
        return Err(wrong());
    }
    Ok((scheme.to_owned(), authority))
}

fn network(text: &str) -> Result<IpNet, AppError> {
    let parsed = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    parsed.ok_or_else(|| {
        AppError::invalid(format!("`{text}` is no proxy's address or network")).with_hint("write e.g. 10.0.0.5 or 10.0.0.0/24")
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn beyond_this_machine_everybody_signs_in() {
        for local in ["127.0.0.1:8080", "127.0.0.9:0", "[::1]:8080", "localhost:8080", "LOCALHOST:1"] {
            let reached = Reached::check(&Access::local(local)).unwrap();
            assert!(!reached.requires_sign_in && !reached.is_open, "{local}");
        }
        for open in ["0.0.0.0:8080", "[::]:8080", "192.168.1.2:8080", "[::ffff:10.0.0.1]:80"] {
            assert!(Reached::check(&Access::local(open)).unwrap().requires_sign_in, "{open}");
        }
        for nonsense in ["", "8080", "127.0.0.1", "127.0.0.1:99999", "example.com:80", "localhost:x", "localhost.example.com:80"]
        {
            assert!(Reached::check(&Access::local(nonsense)).unwrap_err().is_invalid(), "{nonsense}");
        }
        let local = Access::local("127.0.0.1:8080");
        let proxied = Access { trusted_proxies: vec!["127.0.0.1".to_owned()], ..local.clone() };
        let public = Access { public_url: Some("https://rapport.example.com/".to_owned()), ..local.clone() };
        let asked = Access { require_sign_in: true, ..local.clone() };
        for access in [proxied, public, asked] {
            assert!(Reached::check(&access).unwrap().requires_sign_in, "{access:?}");
        }
        for nonsense in ["rapport.example.com", "ftp://rapport.example.com", "https://a/b c", "https://me@host"] {
            let access = Access { public_url: Some(nonsense.to_owned()), ..local.clone() };
            assert!(Reached::check(&access).unwrap_err().is_invalid(), "{nonsense}");
        }
        assert!(Reached::check(&Access { trusted_proxies: vec!["proxy".to_owned()], ..local }).is_err());
    }

    fn peer(reached: &Reached, direct: &str, headers: &[(&str, &str)]) -> Peer {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(direct.parse().unwrap(), 1)));
        for (name, value) in headers {
            request.headers_mut().append(axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        reached.peer(&request)
    }

    #[test]
    fn only_the_word_of_a_trusted_proxy_counts() {
        let access = Access { trusted_proxies: vec!["10.0.0.0/8".to_owned()], ..Access::local("0.0.0.0:80") };
        let reached = Reached::check(&access).unwrap();
        let said = [("x-forwarded-for", "203.0.113.9, 198.51.100.7, 10.1.1.1"), ("x-forwarded-proto", "https")];
        let is = |machine: &str, is_encrypted| Peer { machine: machine.parse().unwrap(), is_encrypted };
        assert_eq!(peer(&reached, "10.0.0.2", &said), is("198.51.100.7", true));
        assert_eq!(peer(&reached, "::ffff:10.0.0.2", &said), is("198.51.100.7", true));
        assert_eq!(peer(&reached, "192.0.2.1", &said), is("192.0.2.1", false), "a client that claims to be a proxy");
        assert_eq!(peer(&reached, "10.0.0.2", &[]), is("10.0.0.2", false));
        assert_eq!(peer(&reached, "10.0.0.2", &[("x-forwarded-for", "nonsense")]), is("10.0.0.2", false));
        let twice = [("x-forwarded-for", "198.51.100.7"), ("x-forwarded-for", "10.9.9.9"), ("x-forwarded-proto", "https, http")];
        assert_eq!(peer(&reached, "10.0.0.2", &twice), is("198.51.100.7", false));
    }
}
