//! How often a password may be tried: from one machine, and for one account; and how often a machine may notify. In memory, by process: whoever restarts the server is no attacker.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, Reference},
    middleware::NoOpMiddleware,
    state::keyed::DefaultKeyedStateStore,
};

use crate::{AppError, app};

/// Attempts from one machine at once; then one every six seconds. Behind one address of a company many may sign in.
const OF_MACHINE: (u32, Duration) = (20, Duration::from_secs(6));
/// Attempts for one account at once; then one every thirty seconds: 2,880 guesses a day.
const OF_ACCOUNT: (u32, Duration) = (6, Duration::from_secs(30));

/// Notifications from one machine at once; then 50 a second: a mail system has few machines and rings for thousands of mailboxes. Taking one in
/// costs next to nothing, and what is refused here is told again, or found by polling.
const OF_NOTIFIER: (u32, Duration) = (2_000, Duration::from_millis(20));

/// The app's clock as the limiter wants it.
#[derive(Clone)]
struct AppClock(app::Clock);

impl Clock for AppClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from((self.0)().0).unwrap_or_default())
    }
}

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, AppClock, NoOpMiddleware<Duration>>;

/// Counts attempts.
pub(crate) struct SignInLimiter {
    clock: AppClock,
    machines: Limiter<IpAddr>,
    accounts: Limiter<[u8; 32]>,
    notifiers: Limiter<IpAddr>,
}

impl SignInLimiter {
    pub(crate) fn new(clock: app::Clock) -> Arc<Self> {
        let clock = AppClock(clock);
        let quota = |(at_once, each): (u32, Duration)| {
            let quota = Quota::with_period(each).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
            quota.allow_burst(NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN))
        };
        Arc::new(Self {
            machines: RateLimiter::new(quota(OF_MACHINE), DefaultKeyedStateStore::default(), clock.clone()),
            accounts: RateLimiter::new(quota(OF_ACCOUNT), DefaultKeyedStateStore::default(), clock.clone()),
            notifiers: RateLimiter::new(quota(OF_NOTIFIER), DefaultKeyedStateStore::default(), clock.clone()),
            clock,
        })
    }

    /// Counts a notification from a machine, or refuses it.
    pub(crate) fn notification(&self, machine: IpAddr) -> Result<(), AppError> {
        self.notifiers.retain_recent();
        let refused = |wait: Duration| AppError::too_many(wait.as_secs() + 1);
        self.notifiers
            .check_key(&whole(machine))
            .map_err(|not_until| refused(not_until.earliest_possible().duration_since(self.clock.now()).into()))
    }

    /// Counts an attempt from a machine, for an account if one is named, or refuses it.
    pub(crate) fn attempt(&self, machine: IpAddr, account: Option<&str>) -> Result<(), AppError> {
        // What is as good as new need not be remembered.
        self.machines.retain_recent();
        self.accounts.retain_recent();
        let refused = |wait: Duration| AppError::too_many(wait.as_secs() + 1);
        self.machines
            .check_key(&whole(machine))
            .map_err(|not_until| refused(not_until.earliest_possible().duration_since(self.clock.now()).into()))?;
        let Some(account) = account else { return Ok(()) };
        let account = *blake3::hash(account.trim().to_lowercase().as_bytes()).as_bytes();
        self.accounts
            .check_key(&account)
            .map_err(|not_until| refused(not_until.earliest_possible().duration_since(self.clock.now()).into()))
    }
}

/// Who has one address of version 6 has a whole network of them.
fn whole(machine: IpAddr) -> IpAddr {
    match machine {
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.into(),
            None => IpAddr::from((u128::from(address) & (u128::MAX << 64)).to_be_bytes()),
        },
        IpAddr::V4(_) => machine,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use rapport_domain::Moment;

    use super::*;

    #[test]
    fn attempts_run_out_and_come_back() {
        let now = Arc::new(AtomicI64::new(1_000_000_000_000));
        let told = now.clone();
        let limiter = SignInLimiter::new(Arc::new(move || Moment(told.load(Ordering::Relaxed))));
        let machine = |last: u8| IpAddr::from([192, 0, 2, last]);
        for _ in 0..6 {
            limiter.attempt(machine(1), Some("ann@us.example")).unwrap();
        }
        let refused = limiter.attempt(machine(2), Some(" Ann@us.example")).unwrap_err();
        assert!(refused.is_too_many(), "{refused}");
        assert_eq!(refused.hint(), Some("try again in 31 seconds"));
        limiter.attempt(machine(2), Some("bob@us.example")).unwrap();
        now.fetch_add(31_000_000, Ordering::Relaxed);
        limiter.attempt(machine(2), Some("ann@us.example")).unwrap();
        assert!(limiter.attempt(machine(2), Some("ann@us.example")).is_err());

        for _ in 0..20 {
            limiter.attempt("2001:db8::1".parse().unwrap(), None).unwrap();
        }
        assert!(limiter.attempt("2001:db8::2".parse().unwrap(), None).is_err(), "the same network");
        limiter.attempt("2001:db8:0:1::2".parse().unwrap(), None).unwrap();

        for _ in 0..OF_NOTIFIER.0 {
            limiter.notification(machine(1)).unwrap();
        }
        assert!(limiter.notification(machine(1)).unwrap_err().is_too_many());
        limiter.notification(machine(2)).unwrap();
    }
}
