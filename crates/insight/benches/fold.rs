//! One person's page with 1,000 touches, and whole passes over stores of one million: by Zipf, and in runs of about 100 touches.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rapport_domain::{
    AddressEntry, AddressId, Calendar, Direction, Directory, InsightSettings, Kind, Model, Moment, PersonId, Role, Seen, Side,
    Table, Touches, User, UserId,
    time::SECOND_US,
    touches::{SEEN_MAILBOX, Touch},
};
use rapport_insight::{
    Context, Data, HealthFolder, KpiFolder, KpiQuery, Likelihoods, RecordFolder, RecordScope, TieFolder, Window,
};

const USERS: u32 = 500;
const PEOPLE: u32 = 100_000;
/// People of one company, who may stand on each other's touches.
const COMPANY: u32 = 10;
const TOUCHES: u32 = 1_000_000;
const SPAN_S: u64 = 730 * 86_400;
/// Of the store in runs: people, colleagues of each, and the year that it covers.
const RUNS: u32 = 10_000;
const COLLEAGUES: u64 = 10;
const YEAR_S: u64 = 365 * 86_400;
const START_S: i64 = 1_709_294_400; // 2024-03-01T12:00:00Z

/// A small generator of repeatable noise (xorshift), so that every run measures the same world.
struct Noise(u64);

impl Noise {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn directory() -> Directory {
    let mut directory = Directory::default();
    for id in 1..=USERS + PEOPLE + COMPANY {
        let user = (id <= USERS).then_some(UserId(id));
        let key = if user.is_some() { format!("u{id}@us.example") } else { format!("p{id}@them{}.example", id % 9_000) };
        let side = if user.is_some() { Side::Ours } else { Side::Theirs };
        directory.addresses.push(AddressEntry { key: key.into(), name: None, side, user, person: PersonId(id) });
    }
    for id in 1..=USERS {
        directory.users.push(User {
            email: format!("u{id}@us.example"),
            name: format!("User {id}"),
            title: None,
            addresses: vec![AddressId(id)],
            opted_out: false,
            left_at: None,
        });
    }
    directory
}

fn push(touches: &mut Touches, noise: &mut Noise, interaction: u64, person: u32, at_s: i64) {
    // Each person mostly meets the same few users.
    let user = (u64::from(person) * 7 + noise.below(3) * noise.below(2)) % u64::from(USERS) + 1;
    push_with(touches, noise, (interaction, at_s), person, user as u32);
}

fn push_with(touches: &mut Touches, noise: &mut Noise, (interaction, at_s): (u64, i64), person: u32, user: u32) {
    let kind = [Kind::Email, Kind::Email, Kind::Email, Kind::Email, Kind::Email, Kind::Email, Kind::Meeting, Kind::PhoneCall]
        [noise.below(8) as usize];
    let [from, to, cc] = Role::of_columns(kind);
    let outgoing = noise.below(2) == 0;
    let (ours, theirs) = if outgoing { (from, to) } else { (to, from) };
    let mut participants = vec![
        Seen { address: AddressId(user), role: ours, side: Side::Ours },
        Seen { address: AddressId(USERS + person), role: theirs, side: Side::Theirs },
    ];
    for _ in 0..noise.below(3) {
        // Others at the same company.
        let address = AddressId(USERS + person / COMPANY * COMPANY + noise.below(COMPANY.into()) as u32 + 1);
        participants.push(Seen { address, role: cc, side: Side::Theirs });
    }
    participants.sort_unstable();
    participants.dedup();
    let message_id = format!("{interaction:x}@mail");
    touches.push(&Touch {
        interaction,
        at_us: at_s * SECOND_US,
        kind,
        state: None,
        direction: if outgoing { Direction::Outgoing } else { Direction::Incoming },
        duration_s: 1_800,
        conversation: interaction / 4 + 1,
        threaded: true,
        subject_group: interaction / 3 + 1,
        regarding: 0,
        seen: SEEN_MAILBOX,
        participants: &participants,
        message_id: message_id.as_bytes(),
    });
}

/// Runs of all people: person `i` has a share of the touches that falls with their rank (Zipf, exponent 1).
fn store() -> Vec<(RecordScope, Touches)> {
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let harmonic: f64 = (1..=PEOPLE).map(|rank| 1.0 / f64::from(rank)).sum();
    let mut interaction = 0;
    let mut left = TOUCHES;
    (1..=PEOPLE)
        .map(|person| {
            let share = (f64::from(TOUCHES) / harmonic / f64::from(person)).round().max(1.0) as u32;
            let count = if person == PEOPLE { left } else { share.min(left) };
            left -= count;
            let mut moments: Vec<i64> = (0..count).map(|_| START_S + noise.below(SPAN_S) as i64).collect();
            moments.sort_unstable();
            let mut touches = Touches::default();
            for at_s in moments {
                interaction += 1;
                push(&mut touches, &mut noise, interaction, person, at_s);
            }
            (RecordScope::of_addresses(person, Table::Contacts, vec![AddressId(USERS + person)]), touches)
        })
        .collect()
}

/// Runs of 50 to 150 touches over a year, with about ten colleagues each, of whom some are met more often.
fn store_in_runs() -> Vec<(RecordScope, Touches)> {
    let mut noise = Noise(0x2545_F491_4F6C_DD1D);
    let mut interaction = 0;
    let mut left = TOUCHES;
    (1..=RUNS)
        .map(|person| {
            let count = if person == RUNS { left } else { (50 + noise.below(101) as u32).min(left) };
            left -= count;
            let mut moments: Vec<i64> =
                (0..count).map(|_| START_S + (SPAN_S - YEAR_S) as i64 + noise.below(YEAR_S) as i64).collect();
            moments.sort_unstable();
            let mut touches = Touches::default();
            for at_s in moments {
                interaction += 1;
                let colleague = noise.below(COLLEAGUES).min(noise.below(COLLEAGUES + 4));
                let user = (u64::from(person) * 17 + colleague * 37) % u64::from(USERS) + 1;
                push_with(&mut touches, &mut noise, (interaction, at_s), person, user as u32);
            }
            (RecordScope::of_addresses(person, Table::Contacts, vec![AddressId(USERS + person)]), touches)
        })
        .collect()
}

fn page(criterion: &mut Criterion) {
    let (directory, calendar, settings) = (directory(), Calendar::of("Europe/Amsterdam").unwrap(), InsightSettings::default());
    let ctx = context(&directory, &calendar, &settings);
    let mut noise = Noise(42);
    let mut touches = Touches::default();
    let mut moments: Vec<i64> = (0..1_000).map(|_| START_S + noise.below(SPAN_S) as i64).collect();
    moments.sort_unstable();
    for (number, at_s) in moments.iter().enumerate() {
        push(&mut touches, &mut noise, number as u64 + 1, 1, *at_s);
    }
    let scope = RecordScope::of_addresses(1, Table::Contacts, vec![AddressId(USERS + 1)]);
    criterion.bench_function("page of 1,000 touches: kpis + health + ties explained", |bencher| {
        bencher.iter_batched_ref(
            || (KpiFolder::new(), HealthFolder::new(), TieFolder::new()),
            |(kpis, health, ties)| {
                let kpis = kpis.fold(&ctx, &scope, &touches, &KpiQuery::default());
                (kpis, health.explain(&ctx, &scope, &touches), ties.explain(&ctx, &scope.external, &touches))
            },
            BatchSize::SmallInput,
        );
    });
}

fn whole_store(criterion: &mut Criterion) {
    let (directory, calendar, settings) = (directory(), Calendar::of("Europe/Amsterdam").unwrap(), InsightSettings::default());
    let ctx = context(&directory, &calendar, &settings);
    for (name, store) in [("one million touches", store()), ("one million touches in runs", store_in_runs())] {
        assert_eq!(store.iter().map(|(_, touches)| touches.len()).sum::<usize>(), TOUCHES as usize);
        passes(criterion, name, &ctx, &store);
    }
}

fn passes(criterion: &mut Criterion, name: &str, ctx: &Context<'_>, store: &[(RecordScope, Touches)]) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.bench_function("ties", |bencher| bencher.iter(|| all_strengths(ctx, store)));
    group.bench_function("health", |bencher| bencher.iter(|| all_scores(ctx, store)));
    group.bench_function("ties + health", |bencher| bencher.iter(|| (all_strengths(ctx, store), all_scores(ctx, store))));
    for model in [Model::V1, Model::V2] {
        let settings = InsightSettings { model, ..ctx.settings.clone() };
        let ctx = Context { settings: &settings, ..*ctx };
        group.bench_function(format!("figures + ties, {}", model.as_str()), |bencher| {
            let (mut records, mut ties) = (RecordFolder::new(), TieFolder::new());
            let window = Window::default_at(ctx.calendar, ctx.as_of);
            bencher.iter(|| {
                let both = store.iter().map(|(scope, touches)| {
                    let (kpis, health) = records.figures(&ctx, scope, touches, window);
                    let known = ties.fold(&ctx, &scope.external, touches).len();
                    kpis.replies_by_us + health.score.unwrap_or(0) + known as u32
                });
                both.map(u64::from).sum::<u64>()
            });
        });
    }
    group.bench_function("kpis", |bencher| {
        let mut folder = KpiFolder::new();
        let query = KpiQuery { activity_days: 0, ..KpiQuery::default() };
        bencher.iter(|| {
            let replies = store.iter().map(|(scope, touches)| folder.fold(ctx, scope, touches, &query).replies_by_us);
            replies.map(u64::from).sum::<u64>()
        });
    });
    group.finish();
}

fn all_strengths(ctx: &Context<'_>, store: &[(RecordScope, Touches)]) -> u64 {
    let mut folder = TieFolder::new();
    let strengths = |(scope, touches): &(RecordScope, Touches)| {
        let ties = folder.fold(ctx, &scope.external, touches);
        ties.iter().map(|tie| u64::from(tie.figures.strength)).sum::<u64>()
    };
    store.iter().map(strengths).sum()
}

fn all_scores(ctx: &Context<'_>, store: &[(RecordScope, Touches)]) -> u64 {
    let mut folder = HealthFolder::new();
    let score = |(scope, touches): &(RecordScope, Touches)| folder.figures(ctx, scope, touches).score.map_or(0, u64::from);
    store.iter().map(score).sum()
}

fn context<'a>(directory: &'a Directory, calendar: &'a Calendar, settings: &'a InsightSettings) -> Context<'a> {
    let as_of = Moment((START_S + SPAN_S as i64) * SECOND_US);
    Context { directory, calendar, settings, likelihood: Likelihoods::default(), data: Data::CrmAndMailbox, as_of }
}

criterion_group!(benches, page, whole_store);
criterion_main!(benches);
