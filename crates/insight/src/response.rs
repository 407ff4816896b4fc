//! Response times in full, for the page of one record: with those that wait, in business hours, and estimated where mails name no others.

use rapport_domain::{Direction, Moment, Touches};

use crate::{
    Context,
    business::BusinessClock,
    conversations::Mail,
    estimate,
    kpis::{BusinessTime, ResponseDetail, ResponseEstimate, Window},
    survival,
    turns::{Turn, mean_h, percentile_h},
};

/// By us and by them; `None` without any turn of the other side.
pub(crate) fn details(
    ctx: &Context<'_>,
    touches: &Touches,
    mails: &[Mail],
    turns: &[Turn],
    window: Window,
) -> (Option<ResponseDetail>, Option<ResponseDetail>) {
    let Some(first_us) = turns.iter().map(|turn| turn.first_us).min() else { return (None, None) };
    let clock = BusinessClock::new(ctx.calendar, ctx.settings, Moment(first_us), window.end);
    let (by_us, by_them) = estimate::estimates(ctx, touches, mails, window);
    let of = |asking, estimated| detail(turns.iter().filter(|turn| turn.direction == asking), window, &clock, estimated);
    (of(Direction::Incoming, by_us), of(Direction::Outgoing, by_them))
}

fn detail<'a>(
    turns: impl Iterator<Item = &'a Turn> + Clone,
    window: Window,
    clock: &BusinessClock,
    estimated: Option<ResponseEstimate>,
) -> Option<ResponseDetail> {
    turns.clone().next()?;
    let plain = Waits::of(turns.clone(), window, |from_us, to_us| to_us - from_us);
    let business = Waits::of(turns, window, |from_us, to_us| clock.between_us(from_us, to_us));
    Some(ResponseDetail {
        km_p50_h: plain.km_p50_h(),
        business: BusinessTime {
            mean_h: mean_h(&business.answered_us),
            p50_h: percentile_h(&business.answered_us, 0.5),
            p90_h: percentile_h(&business.answered_us, 0.9),
            km_p50_h: business.km_p50_h(),
        },
        estimated,
    })
}

/// How long turns waited, by one clock; both ascend.
struct Waits {
    answered_us: Vec<i64>,
    /// Of those that nobody answered: until the window's end.
    waiting_us: Vec<i64>,
}

impl Waits {
    fn of<'a>(turns: impl Iterator<Item = &'a Turn>, window: Window, between_us: impl Fn(i64, i64) -> i64) -> Self {
        let mut waits = Self { answered_us: Vec::new(), waiting_us: Vec::new() };
        for turn in turns {
            match turn.reply_us {
                Some(reply_us) => waits.answered_us.push(between_us(turn.first_us, reply_us)),
                None => waits.waiting_us.push(between_us(turn.first_us, window.end.0)),
            }
        }
        waits.answered_us.sort_unstable();
        waits.waiting_us.sort_unstable();
        waits
    }

    fn km_p50_h(&self) -> Option<f64> {
        survival::median_us(&self.answered_us, &self.waiting_us).and_then(|us| mean_h(&[us]))
    }
}
