//! What fills mailboxes beside relationships. Each kind is there for a rule of exclusion, so that the reasons are seen at work.

use super::appointments::recurrence;
use super::companies::FIRST_QUIET;
use super::conversations::message_id;
use super::random::Random;
use super::relations::TRAFFIC_DAYS;
use super::staff::{LEAVER, MARKETING, Shared, team_members};
use super::words::{INTERNAL_SUBJECTS, Language, PRODUCTS, ascii, fill, phrases};
use super::world::{Activity, Answer, Attendee, Kind, Meeting, Message, Nature, Participant, PartyId, StartForm, State, World};

/// More than 50 distinct recipients are too many; there are enough sociable contacts for these.
const CROWD: usize = 64;

pub(super) fn add_noise(world: &mut World, shared: &Shared) {
    add_internal_mail(world);
    add_newsletters(world);
    add_mailing_lists(world);
    add_notifications(world);
    add_delivery_reports(world);
    add_inquiries(world, shared);
    add_oddities(world, shared);
    add_internal_meetings(world, shared);
    add_private_entries(world);
}

/// A message that stands alone.
fn plain(
    world: &World,
    random: &mut Random,
    at_us: i64,
    from: PartyId,
    to: Vec<PartyId>,
    subject: &str,
    nature: Nature,
) -> Message {
    Message {
        at_us,
        from,
        to,
        cc: Vec::new(),
        subject: subject.to_owned(),
        id: message_id(random, &world.party(from).address),
        parent: None,
        names_parent: false,
        language: Language::English,
        nature,
        blind_copies: Vec::new(),
    }
}

fn any_user(world: &World, random: &mut Random, day: i32) -> usize {
    loop {
        let user = random.below(world.users.len());
        if !world.has_left(user, day) {
            return user;
        }
    }
}

fn main_party(world: &World, user: usize) -> PartyId {
    world.users[user].parties[0]
}

/// Mail among colleagues: read, never kept.
fn add_internal_mail(world: &mut World) {
    let mut random = Random::stream(world.seed, "internal mail", 0);
    for day in -TRAFFIC_DAYS..=0 {
        let mails = (world.days.weight(day) * 2.4 + random.unit() * 0.7) as usize;
        for _ in 0..mails {
            let from = any_user(world, &mut random, day);
            if world.users[from].away_until(day).is_some() {
                continue;
            }
            let team = world.users[from].team.filter(|_| random.chance(0.4));
            let mut users: Vec<usize> = match team {
                Some(team) => team_members(team).to_vec(),
                None => vec![any_user(world, &mut random, day)],
            };
            users.retain(|&user| user != from);
            let to = users.into_iter().map(|user| main_party(world, user)).collect::<Vec<_>>();
            if to.is_empty() {
                continue;
            }
            let at_us = world.days.office_moment_us(day, &mut random);
            let subject = random.pick(INTERNAL_SUBJECTS);
            let message = plain(world, &mut random, at_us, main_party(world, from), to, subject, Nature::Ordinary);
            world.send(message);
        }
    }
}

/// Name, address, days between issues.
struct Sender(&'static str, &'static str, i32);

static NEWSLETTERS: [Sender; 6] = [
    Sender("Waterbouw Magazine", "redactie@waterbouwmagazine.example", 7),
    Sender("Process Weekly", "editor@processweekly.example", 7),
    Sender("Beurs Industrie & Water", "nieuws@beurs-iw.example", 21),
    Sender("MesseLetter", "messe@messeletter.example", 14),
    Sender("Calibration Digest", "hello@calibrationdigest.example", 14),
    Sender("Personeelsplein", "acties@personeelsplein.example", 10),
];

fn add_newsletters(world: &mut World) {
    for (position, Sender(name, address, every_days)) in NEWSLETTERS.iter().enumerate() {
        let mut random = Random::stream(world.seed, "newsletter", position);
        let from = world.add_external(name, (*address).to_owned(), 0);
        let readers: Vec<usize> = (0..world.users.len()).filter(|_| random.chance(0.2)).collect();
        let nature = if position == 4 { Nature::Bulk } else { Nature::Newsletter };
        for issue in 0..TRAFFIC_DAYS / every_days {
            let day = -TRAFFIC_DAYS + issue * every_days;
            let at_us = world.days.moment_us(day, 6 * 60 + 5 * position as i32);
            for &reader in &readers {
                let to = vec![main_party(world, reader)];
                let message = plain(world, &mut random, at_us, from, to, &format!("{name} #{}", 240 + issue), nature);
                world.send(message);
            }
        }
    }
}

/// Discussion lists: people write, a machine distributes.
fn add_mailing_lists(world: &mut World) {
    let mut random = Random::stream(world.seed, "mailing list", 0);
    let list = world.add_external("flow-metering", "flow-metering@lists.iso-volunteers.example".to_owned(), 0);
    let authors: Vec<PartyId> = ["M. Okafor", "Renate Falk", "Jim Tarrant", "Yuki Sato"]
        .iter()
        .map(|name| {
            let local = ascii(name);
            world.add_external(name, format!("{local}@standards-club.example"), 0)
        })
        .collect();
    for day in -TRAFFIC_DAYS..=0 {
        if !random.chance(world.days.weight(day) * 0.3) {
            continue;
        }
        let from = authors[random.below(authors.len())];
        let at_us = world.days.office_moment_us(day, &mut random);
        let mut message =
            plain(world, &mut random, at_us, from, vec![list], "[flow-metering] draft clause 7.3", Nature::MailingList);
        message.blind_copies = vec![9, 21];
        world.send(message);
    }
}

/// Machines that want no answer.
fn add_notifications(world: &mut World) {
    let mut random = Random::stream(world.seed, "notification", 0);
    let senders = [
        ("Reisportaal", "noreply@reisportaal.example", "Your booking is confirmed"),
        ("Cloud Storage", "no-reply@opslagwolk.example", "Your storage is almost full"),
        ("Tender Service", "donotreply@aanbestedingen.example", "New tender in your region"),
    ]
    .map(|(name, address, subject)| (world.add_external(name, address.to_owned(), 0), subject));
    for day in -TRAFFIC_DAYS..=0 {
        for (from, subject) in senders {
            if random.chance(0.25) {
                let to = vec![main_party(world, any_user(world, &mut random, day))];
                let at_us = world.days.moment_us(day, random.between(200, 1_400));
                let message = plain(world, &mut random, at_us, from, to, subject, Nature::Unanswerable);
                world.send(message);
            }
        }
    }
}

/// Mail that did not arrive comes back: once from an address that is known to read nothing, once from one that is not.
fn add_delivery_reports(world: &mut World) {
    let mut random = Random::stream(world.seed, "delivery report", 0);
    let senders = ["mailer-daemon@mx.relay-one.example", "mail-delivery@mx.relay-two.example"]
        .map(|address| world.add_external("Mail Delivery System", address.to_owned(), 0));
    for report in 0..36 {
        let day = -random.between(0, TRAFFIC_DAYS - 1);
        let to = vec![main_party(world, any_user(world, &mut random, day))];
        let at_us = world.days.moment_us(day, random.between(480, 1_080));
        let subject = "Undelivered Mail Returned to Sender";
        let message = plain(world, &mut random, at_us, senders[report % 2], to, subject, Nature::DeliveryReport);
        world.send(message);
    }
}

/// Strangers who write to the shared mailboxes, and those who answer them.
fn add_inquiries(world: &mut World, shared: &Shared) {
    let mut random = Random::stream(world.seed, "inquiry", 0);
    for inquiry in 0..48 {
        let name = format!(
            "{} {}",
            ["Sam", "Robin", "Kim", "Alex"][inquiry % 4],
            ["Visscher", "Hale", "Brandt", "Roche"][inquiry / 4 % 4]
        );
        let address = format!("{}{inquiry}@bezoeker{}.example", ascii(&name), inquiry % 11);
        let from = world.add_external(&name, address, 0);
        let mailbox = if inquiry % 3 == 0 { shared.support } else { shared.info };
        let day = world.days.working_until(-random.between(1, TRAFFIC_DAYS - 1));
        // Inside sales reads along; so does customer success, for the support mailbox.
        let reader = if inquiry % 3 == 0 { 19 + inquiry % 2 } else { [5, 12][inquiry % 2] };
        let subject = fill(random.pick(phrases(Language::English).mails), random.pick(PRODUCTS));
        let at_us = world.days.office_moment_us(day, &mut random);
        let mut question = plain(world, &mut random, at_us, from, vec![mailbox], &subject, Nature::Ordinary);
        question.cc = vec![main_party(world, reader)];
        let sent = world.send(question);
        if random.chance(0.7) {
            let median_min = world.users[reader].answers_after_min;
            let at_us = world.days.answer_moment_us(at_us, median_min, &mut random);
            let subject = format!("Re: {subject}");
            let mut answer = plain(world, &mut random, at_us, main_party(world, reader), vec![from], &subject, Nature::Ordinary);
            answer.cc = vec![mailbox];
            answer.parent = sent;
            answer.names_parent = true;
            world.send(answer);
        }
    }
}

/// The rest of what the rules of exclusion are about.
fn add_oddities(world: &mut World, shared: &Shared) {
    let mut random = Random::stream(world.seed, "oddity", 0);
    let friends = sociable_parties(world);
    for oddity in 0..60 {
        let day = world.days.working_until(-random.between(1, TRAFFIC_DAYS - 1));
        let at_us = world.days.office_moment_us(day, &mut random);
        let user = any_user(world, &mut random, day);
        let ours = main_party(world, user);
        let theirs = friends[random.below(friends.len())];
        let (from, to, subject, nature) = match oddity % 5 {
            0 => (ours, vec![theirs], "Concept: voorstel", Nature::Draft),
            1 => (theirs, vec![ours], "Persoonlijk", Nature::Private),
            2 => (ours, vec![theirs], "Salary and terms", Nature::Confidential),
            3 => (theirs, vec![], "Invitation to our open day", Nature::Undisclosed),
            // Copied in blindly: nobody of ours is named.
            _ => (theirs, vec![friends[random.below(friends.len())]], "FYI", Nature::Ordinary),
        };
        let mut message = plain(world, &mut random, at_us, from, to, subject, nature);
        if oddity % 5 >= 3 {
            message.blind_copies = vec![user];
        }
        world.send(message);
    }
    for position in 0..3 {
        let day = world.days.working_until(-40 - 120 * position);
        let at_us = world.days.moment_us(day, 10 * 60);
        let everybody = friends.iter().copied().cycle().skip(position as usize * 7).take(CROWD.min(friends.len())).collect();
        let from = if position == 1 { shared.info } else { main_party(world, MARKETING) };
        let mut message = plain(world, &mut random, at_us, from, everybody, "Visit us at the trade fair", Nature::Ordinary);
        message.cc = vec![main_party(world, 1), main_party(world, 13)];
        world.send(message);
    }
}

/// Addresses that may turn up anywhere without spoiling a rhythm.
fn sociable_parties(world: &World) -> Vec<PartyId> {
    let sociable = (0..world.contacts.len()).filter(|&contact| {
        let contact = &world.contacts[contact];
        contact.rhythm.is_sociable() && contact.account < FIRST_QUIET
    });
    sociable.filter_map(|contact| world.people[contact].parties.first().copied()).collect()
}

/// The weekly meeting of each team.
fn add_internal_meetings(world: &mut World, shared: &Shared) {
    use super::companies::Team::{Benelux, Central, International};
    for (position, team) in [Benelux, Central, International].into_iter().enumerate() {
        let mut random = Random::stream(world.seed, "team meeting", position);
        let members = team_members(team);
        let first_day = world.days.working_from(-180 + position as i32);
        let mut attendees: Vec<Attendee> = Vec::new();
        for &member in &members[1..] {
            let party = main_party(world, member);
            attendees.push(Attendee { party, is_optional: false, answer: Answer::Accepted });
        }
        let recurrence = recurrence(world, &mut random, first_day, 1, None);
        world.meetings.push(Meeting {
            uid: format!("{:016x}-team", random.next()),
            day: first_day,
            minute: 9 * 60,
            duration_min: 45,
            organizer: main_party(world, members[0]),
            attendees,
            room: Some(shared.rooms[1]),
            summary: "Team meeting".to_owned(),
            is_cancelled: false,
            is_private: false,
            form: StartForm::Local,
            recurrence: Some(recurrence),
        });
    }
}

/// Whole days off in the owner's own calendar, and a cancelled call in the CRM.
fn add_private_entries(world: &mut World) {
    for user in (0..world.users.len()).filter(|&user| user != LEAVER) {
        let mut random = Random::stream(world.seed, "private entry", user);
        let Some(&(day, _)) = world.users[user].holidays.last() else { continue };
        let organizer = main_party(world, user);
        world.meetings.push(Meeting {
            uid: format!("{:016x}-leave", random.next()),
            day,
            minute: 0,
            duration_min: 24 * 60,
            organizer,
            attendees: Vec::new(),
            room: None,
            summary: "Vakantie".to_owned(),
            is_cancelled: false,
            is_private: true,
            form: StartForm::AllDay,
            recurrence: None,
        });
        cancelled_call(world, &mut random, user);
    }
}

/// A call that did not take place: it must never count.
fn cancelled_call(world: &mut World, random: &mut Random, user: usize) {
    let friends = sociable_parties(world);
    let day = world.days.working_until(-random.between(5, 90));
    let to = Participant::Party(friends[random.below(friends.len())]);
    world.log(Activity {
        at_us: world.days.office_moment_us(day, random),
        kind: Kind::PhoneCall,
        from: Some(Participant::Party(main_party(world, user))),
        to: vec![to],
        cc: Vec::new(),
        duration_min: 0,
        message_id: None,
        in_reply_to: None,
        subject: "Terugbelverzoek".to_owned(),
        regarding: None,
        state: State::Cancelled,
    });
}
