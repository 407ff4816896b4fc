//! BG/NBD (Fader, Hardie, Lee 2005): the model of customers who buy for a while and stop, as a baseline.
//!
//! Active days stand for purchases. Times are in weeks.

/// What the model knows of a relationship.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct History {
    /// Active days after the first.
    pub repeats: f64,
    /// From the first active day to the last.
    pub recency: f64,
    /// From the first active day to the moment.
    pub age: f64,
}

/// Parameters, all above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BgNbd {
    /// Shape of the rates.
    pub r: f64,
    /// Scale of the rates.
    pub alpha: f64,
    /// First shape of the chance to stop.
    pub a: f64,
    /// Second shape of the chance to stop.
    pub b: f64,
}

/// Relationships that a fit looks at, at most, taken evenly.
const FIT_MAX: usize = 5_000;
/// Steps of the search.
const STEPS_MAX: usize = 300;
/// How strongly logarithms of parameters are held near zero: without, worlds where nobody stops run away.
const PENALTY: f64 = 1e-3;

impl BgNbd {
    /// The likeliest parameters for some relationships.
    pub fn fit(histories: &[History]) -> Self {
        let stride = histories.len().div_ceil(FIT_MAX).max(1);
        let sample: Vec<History> = histories.iter().step_by(stride).copied().collect();
        let model = |logs: [f64; 4]| Self { r: logs[0].exp(), alpha: logs[1].exp(), a: logs[2].exp(), b: logs[3].exp() };
        let loss = |logs: [f64; 4]| {
            let loss = model(logs).loss(&sample) / sample.len().max(1) as f64;
            if loss.is_finite() { loss + PENALTY * logs.iter().map(|log| log * log).sum::<f64>() } else { f64::MAX }
        };
        model(minimum(loss, [-1.0, 1.0, 0.0, 1.0]))
    }

    /// The negative logarithm of the likelihood.
    fn loss(&self, histories: &[History]) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let constant = r * alpha.ln() - ln_gamma(r);
        let stopping = ln_gamma(a + b) - ln_gamma(b);
        let of = |history: &History| {
            let History { repeats: x, recency, age } = *history;
            let shared = ln_gamma(r + x) + constant + stopping + ln_gamma(b + x) - ln_gamma(a + b + x);
            let alive = -(r + x) * (alpha + age).ln();
            if x < 0.5 {
                return shared + alive;
            }
            let stopped = a.ln() - (b + x - 1.0).ln() - (r + x) * (alpha + recency).ln();
            let (high, low) = (alive.max(stopped), alive.min(stopped));
            shared + high + (low - high).exp().ln_1p()
        };
        -histories.iter().map(of).sum::<f64>()
    }

    /// The probability that a relationship is not over, 0..=1.
    pub fn alive(&self, history: &History) -> f64 {
        1.0 / (1.0 + self.odds_of_having_stopped(history))
    }

    fn odds_of_having_stopped(&self, history: &History) -> f64 {
        let History { repeats: x, recency, age } = *history;
        if x < 0.5 {
            return 0.0;
        }
        self.a / (self.b + x - 1.0) * ((self.alpha + age) / (self.alpha + recency)).powf(self.r + x)
    }

    /// The active days that are expected in the next `weeks`.
    pub fn expected(&self, history: &History, weeks: f64) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let History { repeats: x, age, .. } = *history;
        // At a = 1 the formula is 0 / 0.
        let a = if (a - 1.0).abs() < 1e-6 { 1.0 + 1e-6 } else { a };
        let z = weeks / (alpha + age + weeks);
        let shrunk = ((alpha + age) / (alpha + age + weeks)).powf(r + x) * gauss(r + x, b + x, a + b + x - 1.0, z);
        ((a + b + x - 1.0) / (a - 1.0) * (1.0 - shrunk) / (1.0 + self.odds_of_having_stopped(history))).max(0.0)
    }
}

fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Gauss's hypergeometric function for 0 <= z < 1, as its series.
fn gauss(a: f64, b: f64, c: f64, z: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for step in (0..10_000).map(f64::from) {
        term *= (a + step) * (b + step) / (c + step) * z / (step + 1.0);
        sum += term;
        if term.abs() < 1e-12 * f64::abs(sum) {
            break;
        }
    }
    sum
}

/// Where a function of four numbers is least: Nelder and Mead's simplex.
fn minimum(f: impl Fn([f64; 4]) -> f64, start: [f64; 4]) -> [f64; 4] {
    let mut simplex: Vec<(f64, [f64; 4])> = (0..5)
        .map(|i| {
            let mut corner = start;
            if i > 0 {
                corner[i - 1] += 0.5;
            }
            (f(corner), corner)
        })
        .collect();
    let between = |from: &[f64; 4], to: &[f64; 4], share: f64| {
        let at = std::array::from_fn(|i| from[i] + share * (to[i] - from[i]));
        (f(at), at)
    };
    for _ in 0..STEPS_MAX {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        if simplex[4].0 - simplex[0].0 < 1e-7 {
            break;
        }
        let middle: [f64; 4] = std::array::from_fn(|i| simplex[..4].iter().map(|corner| corner.1[i]).sum::<f64>() / 4.0);
        let worst = simplex[4].1;
        let reflected = between(&worst, &middle, 2.0);
        if reflected.0 < simplex[0].0 {
            let expanded = between(&worst, &middle, 3.0);
            simplex[4] = if expanded.0 < reflected.0 { expanded } else { reflected };
        } else if reflected.0 < simplex[3].0 {
            simplex[4] = reflected;
        } else {
            let contracted = between(&worst, &middle, if reflected.0 < simplex[4].0 { 1.5 } else { 0.5 });
            if contracted.0 < simplex[4].0.min(reflected.0) {
                simplex[4] = contracted;
            } else {
                let best = simplex[0].1;
                simplex[1..].iter_mut().for_each(|corner| *corner = between(&best, &corner.1, 0.5));
            }
        }
    }
    simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
    simplex[0].1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters of the paper's customers of CDNOW.
    const PAPER: BgNbd = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };

    #[test]
    fn it_expects_what_its_paper_expects() {
        let customer = History { repeats: 2.0, recency: 30.43, age: 38.86 };
        assert!((PAPER.expected(&customer, 39.0) - 1.226).abs() < 5e-4);
        assert!((PAPER.alive(&customer) - 0.7266).abs() < 1e-3);
        assert!((PAPER.alive(&History { repeats: 0.0, recency: 0.0, age: 39.0 }) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_fit_finds_what_is_likelier_than_where_it_began() {
        let histories: Vec<History> = (0..300)
            .map(|i| {
                let repeats = f64::from(i % 7);
                History { repeats, recency: if i % 7 == 0 { 0.0 } else { 5.0 + f64::from(i % 20) }, age: 30.0 }
            })
            .collect();
        let fitted = BgNbd::fit(&histories);
        assert!(fitted.loss(&histories) < PAPER.loss(&histories));
        let [long_ago, just_now] = [6.0, 29.0].map(|recency| fitted.alive(&History { repeats: 6.0, recency, age: 30.0 }));
        assert!(long_ago < just_now && (0.0..=1.0).contains(&long_ago), "{fitted:?}: {long_ago} {just_now}");
    }
}
