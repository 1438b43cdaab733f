//! TLS 1.2 or newer, certificates checked, over whatever connects.

pub(super) use chosen::{Over, SPOKEN, Tls};

#[cfg(feature = "rustls")]
mod chosen {
    use std::sync::{Arc, OnceLock};

    use hyper_rustls::HttpsConnector;
    use rustls::{ClientConfig, RootCertStore, crypto::ring};
    use rustls_platform_verifier::BuilderVerifierExt as _;

    /// Reading the platform's certificates takes long, and every client trusts the same ones.
    static PLATFORM: OnceLock<Arc<ClientConfig>> = OnceLock::new();

    pub(in super::super) const SPOKEN: bool = true;

    pub(in super::super) type Over<C> = HttpsConnector<C>;

    /// How TLS is spoken: a ready configuration, so that no process-wide default provider is needed or touched.
    #[derive(Clone)]
    pub(in super::super) struct Tls(Arc<ClientConfig>);

    impl Tls {
        pub(in super::super) fn new(needed: bool) -> Result<Self, String> {
            let config = match platform() {
                Err(_) if !needed => config(false).map(Arc::new),
                config => config,
            };
            config.map(Self).map_err(|error| format!("no TLS: {error}"))
        }

        pub(in super::super) fn over<C>(&self, connector: C) -> Over<C> {
            HttpsConnector::from((connector, self.0.clone()))
        }

        #[cfg(feature = "reqwest")]
        pub(in super::super) fn for_reqwest(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
            builder.tls_backend_preconfigured(ClientConfig::clone(&self.0))
        }
    }

    fn platform() -> Result<Arc<ClientConfig>, rustls::Error> {
        match PLATFORM.get() {
            Some(config) => Ok(config.clone()),
            None => {
                let config = Arc::new(config(true)?);
                Ok(PLATFORM.get_or_init(|| config).clone())
            }
        }
    }

    /// With the platform's certificates, or with none for a machine that has none and a base URL
    /// that needs none: then every https server is refused.
    fn config(platform: bool) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
        let builder = if platform {
            builder.with_platform_verifier()?
        } else {
            builder.with_root_certificates(RootCertStore::empty())
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
mod chosen {
    use hyper_tls::HttpsConnector;
    use native_tls::{Protocol, TlsConnector};

    pub(in super::super) const SPOKEN: bool = true;

    pub(in super::super) type Over<C> = HttpsConnector<C>;

    /// How TLS is spoken: by the platform's own library.
    #[derive(Clone)]
    pub(in super::super) struct Tls(TlsConnector);

    impl Tls {
        pub(in super::super) fn new(_needed: bool) -> Result<Self, String> {
            let built = TlsConnector::builder().min_protocol_version(Some(Protocol::Tlsv12)).build();
            built.map(Self).map_err(|error| format!("no TLS: {error}"))
        }

        pub(in super::super) fn over<C>(&self, connector: C) -> Over<C> {
            HttpsConnector::from((connector, self.0.clone().into()))
        }

        #[cfg(feature = "reqwest")]
        pub(in super::super) fn for_reqwest(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
            // What the caller sets counts, and the platform's defaults are those of reqwest as well.
            builder
        }
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod chosen {
    pub(in super::super) const SPOKEN: bool = false;

    pub(in super::super) type Over<C> = C;

    /// No TLS at all.
    #[derive(Clone)]
    pub(in super::super) struct Tls;

    impl Tls {
        pub(in super::super) fn new(needed: bool) -> Result<Self, String> {
            if needed {
                return Err("https needs the feature `rustls` or `native-tls`".to_owned());
            }
            Ok(Self)
        }

        pub(in super::super) fn over<C>(&self, connector: C) -> Over<C> {
            connector
        }

        #[cfg(feature = "reqwest")]
        pub(in super::super) fn for_reqwest(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
            builder
        }
    }
}
