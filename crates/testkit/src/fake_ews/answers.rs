//! What each question is answered.

use roxmltree::{Document, Node};

use super::{
    ACCOUNT, Reply, Shared,
    shapes::{Shape, escaped},
    states::{shown_folder, shown_item},
    world::{Item, Mailbox, Stored, World},
};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";
/// Changes that are told at once at most.
const CHANGES_MAX: usize = 512;
/// Items that a search finds at once at most.
const FOUND_MAX: usize = 1_000;
/// Days of a view at most.
const VIEW_DAYS_MAX: i64 = 732;

/// Why a question is not answered: a code of Exchange.
type Refused = &'static str;

/// A fault, which names somebody as those of the real one may.
pub(super) fn fault(code: &str, back_off_ms: Option<u64>) -> Reply {
    let wait = back_off_ms.map(|ms| format!("<t:MessageXml><t:Value Name=\"BackOffMilliseconds\">{ms}</t:Value></t:MessageXml>"));
    let body = format!(
        "<s:Fault><faultcode xmlns:a=\"{TYPES}\">a:{code}</faultcode><faultstring>Something is wrong with jo@us.example.</faultstring>\
         <detail><e:ResponseCode xmlns:e=\"http://schemas.microsoft.com/exchange/services/2006/errors\">{code}</e:ResponseCode>{}\
         </detail></s:Fault>",
        wait.unwrap_or_default()
    );
    Reply { status: 500, body: envelope(&body) }
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope xmlns:s=\"{SOAP}\" xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\"><s:Header>\
         <t:ServerVersionInfo MajorVersion=\"15\" MinorVersion=\"2\"/></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

/// What was asked, of which mailbox, and the answer.
pub(super) fn answer(shared: &mut Shared, user: &str, body: &str) -> (String, Option<String>, Reply) {
    let none = |code: &str| (String::new(), None, fault(code, None));
    let Ok(document) = Document::parse(body) else { return none("ErrorSchemaValidation") };
    let root = document.root_element();
    let (Some(header), Some(question)) = (child(root, SOAP, "Header"), child(root, SOAP, "Body").and_then(first)) else {
        return none("ErrorSchemaValidation");
    };
    let version = child(header, TYPES, "RequestServerVersion").and_then(|version| version.attribute("Version"));
    let is_ours = root.has_tag_name((SOAP, "Envelope")) && question.tag_name().namespace() == Some(MESSAGES);
    if version != Some("Exchange2013") || !is_ours {
        return none("ErrorSchemaValidation");
    }
    let operation = question.tag_name().name().to_owned();
    let acting = child(header, TYPES, "ExchangeImpersonation").and_then(first).and_then(first).and_then(|who| who.text());
    let mailbox = acting.unwrap_or(user).to_owned();
    let is_denied = acting.is_some() && user != ACCOUNT || shared.faults.denied.contains(&mailbox);
    let reply = if is_denied {
        fault("ErrorImpersonateUserDenied", None)
    } else if !shared.world.mailboxes.contains_key(&mailbox) {
        fault("ErrorNonExistentMailbox", None)
    } else {
        match responses(shared, &mailbox, question) {
            Ok(responses) => {
                let body = format!(
                    "<m:{operation}Response><m:ResponseMessages>{responses}</m:ResponseMessages></m:{operation}Response>"
                );
                Reply { status: 200, body: envelope(&body) }
            }
            Err(code) => fault(code, None),
        }
    };
    (operation, Some(mailbox), reply)
}

fn responses(shared: &mut Shared, mailbox: &str, question: Node<'_, '_>) -> Result<String, Refused> {
    match question.tag_name().name() {
        "GetFolder" => Ok(folders(&shared.world.mailboxes[mailbox], question)),
        "SyncFolderHierarchy" => Ok(hierarchy(shared, mailbox, question)),
        "SyncFolderItems" => changes(shared, mailbox, question),
        "FindItem" => found(&shared.world, mailbox, question),
        "GetItem" => items(shared, mailbox, question),
        _ => Err("ErrorInvalidRequest"),
    }
}

fn success(operation: &str, inner: &str) -> String {
    format!(
        "<m:{operation}ResponseMessage ResponseClass=\"Success\"><m:ResponseCode>NoError</m:ResponseCode>{inner}</m:{operation}ResponseMessage>"
    )
}

fn error(operation: &str, code: &str) -> String {
    format!(
        "<m:{operation}ResponseMessage ResponseClass=\"Error\"><m:MessageText>Something is wrong with jo@us.example.</m:MessageText>\
         <m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:{operation}ResponseMessage>"
    )
}

/// Folders by their well-known names.
fn folders(mailbox: &Mailbox, question: Node<'_, '_>) -> String {
    let names = question.descendants().filter(|node| node.has_tag_name((TYPES, "DistinguishedFolderId")));
    names
        .map(|name| {
            let wanted = name.attribute("Id");
            let found = mailbox.folders.iter().find(|(_, folder)| folder.well_known == wanted && wanted.is_some());
            found.map_or_else(
                || error("GetFolder", "ErrorFolderNotFound"),
                |(id, folder)| success("GetFolder", &format!("<m:Folders>{}</m:Folders>", shown_folder(id, folder))),
            )
        })
        .collect()
}

fn hierarchy(shared: &mut Shared, mailbox: &str, question: Node<'_, '_>) -> String {
    const OPERATION: &str = "SyncFolderHierarchy";
    let world = &shared.world;
    let state = child(question, MESSAGES, "SyncState").and_then(|state| state.text());
    let show = |kind: &'static str, id: &str| {
        format!("<t:{kind}>{}</t:{kind}>", shown_folder(id, &world.mailboxes[mailbox].folders[id]))
    };
    let most = if world.page_items == 0 { CHANGES_MAX } else { world.page_items };
    match shared.states.told(world, (mailbox, None), state, most, show) {
        Some(told) => success(
            OPERATION,
            &format!(
                "<m:SyncState>{}</m:SyncState><m:IncludesLastFolderInRange>{}</m:IncludesLastFolderInRange><m:Changes>{}</m:Changes>",
                escaped(&told.state),
                told.is_last,
                told.changes
            ),
        ),
        None => error(OPERATION, "ErrorInvalidSyncStateData"),
    }
}

fn changes(shared: &mut Shared, mailbox: &str, question: Node<'_, '_>) -> Result<String, Refused> {
    const OPERATION: &str = "SyncFolderItems";
    let shape = shape(question, true)?;
    let world = &shared.world;
    let folder = child(question, MESSAGES, "SyncFolderId").and_then(first).and_then(|id| id.attribute("Id"));
    let Some(folder) = folder.filter(|id| world.mailboxes[mailbox].folders.contains_key(*id)) else {
        return Ok(error(OPERATION, "ErrorSyncFolderNotFound"));
    };
    let most = child(question, MESSAGES, "MaxChangesReturned").and_then(|most| most.text()?.parse().ok()).unwrap_or(0);
    if most == 0 || most > CHANGES_MAX {
        return Err("ErrorInvalidRequest");
    }
    let most = if world.page_items == 0 { most } else { most.min(world.page_items) };
    let state = child(question, MESSAGES, "SyncState").and_then(|state| state.text());
    let show = |kind: &'static str, id: &str| shown_item(&world.mailboxes[mailbox], &shape, kind, id);
    Ok(match shared.states.told(world, (mailbox, Some(folder)), state, most, show) {
        Some(told) => success(
            OPERATION,
            &format!(
                "<m:SyncState>{}</m:SyncState><m:IncludesLastItemInRange>{}</m:IncludesLastItemInRange><m:Changes>{}</m:Changes>",
                escaped(&told.state),
                told.is_last,
                told.changes
            ),
        ),
        None => error(OPERATION, "ErrorInvalidSyncStateData"),
    })
}

fn found(world: &World, mailbox: &str, question: Node<'_, '_>) -> Result<String, Refused> {
    let shape = shape(question, true)?;
    let mailbox = &world.mailboxes[mailbox];
    let folder = child(question, MESSAGES, "ParentFolderIds").and_then(first).and_then(|id| id.attribute("Id"));
    let Some(folder) = folder.filter(|id| mailbox.folders.contains_key(*id)) else {
        return Ok(error("FindItem", "ErrorFolderNotFound"));
    };
    let here = mailbox.items.iter().filter(|(_, stored)| stored.folder == folder);
    let number = |node: Node<'_, '_>, name: &str| node.attribute(name).and_then(|text| text.parse::<usize>().ok());
    let (items, offset, most, capped) = if let Some(view) = child(question, MESSAGES, "CalendarView") {
        let (from, until) = (moment(view.attribute("StartDate"))?, moment(view.attribute("EndDate"))?);
        if until.duration_since(from).as_hours() > VIEW_DAYS_MAX * 24 {
            return Err("ErrorCalendarViewRangeTooBig");
        }
        // A view has no pages: what does not fit is not shown, so that it takes more than a page of anything else.
        (viewed(here, &shape, from, until), 0, number(view, "MaxEntriesReturned"), world.page_items * 5)
    } else {
        let page = child(question, MESSAGES, "IndexedPageItemView").ok_or("ErrorInvalidRequest")?;
        let order = child(question, MESSAGES, "SortOrder").and_then(first).and_then(|order| order.attribute("Order"));
        let bounds: Vec<&str> = question
            .descendants()
            .filter(|node| node.has_tag_name((TYPES, "Constant")))
            .filter_map(|node| node.attribute("Value"))
            .collect();
        let (&[from, until], Some("Descending")) = (&bounds[..], order) else { return Err("ErrorInvalidRestriction") };
        let (from, until) = (moment(Some(from))?, moment(Some(until))?);
        let offset = number(page, "Offset").ok_or("ErrorInvalidRequest")?;
        (received(here, &shape, from, until), offset, number(page, "MaxEntriesReturned"), world.page_items)
    };
    let most = most.filter(|most| *most <= FOUND_MAX).ok_or("ErrorInvalidRequest")?;
    let most = if capped == 0 { most } else { most.min(capped) };
    let page: String = items.iter().skip(offset).take(most).cloned().collect();
    let is_last = items.len() <= offset + most;
    Ok(success(
        "FindItem",
        &format!(
            "<m:RootFolder IndexedPagingOffset=\"{}\" TotalItemsInView=\"{}\" IncludesLastItemInRange=\"{is_last}\"><t:Items>{page}\
             </t:Items></m:RootFolder>",
            offset + most,
            items.len()
        ),
    ))
}

/// Messages that were received between two moments, newest first.
fn received<'a>(
    here: impl Iterator<Item = (&'a String, &'a Stored)>,
    shape: &Shape,
    from: jiff::Timestamp,
    until: jiff::Timestamp,
) -> Vec<String> {
    let mut found = Vec::new();
    for (id, stored) in here {
        let Item::Message(message) = &stored.item else { continue };
        let at: jiff::Timestamp = message.received.parse().expect("a moment");
        if from <= at && at < until {
            found.push((std::cmp::Reverse(at), shape.shown(id, &stored.item, None)));
        }
    }
    found.sort();
    found.into_iter().map(|(_, shown)| shown).collect()
}

/// Meetings that touch a window, series as what they make, by their start.
fn viewed<'a>(
    here: impl Iterator<Item = (&'a String, &'a Stored)>,
    shape: &Shape,
    from: jiff::Timestamp,
    until: jiff::Timestamp,
) -> Vec<String> {
    let mut found = Vec::new();
    for (id, stored) in here {
        let Item::Event(event) = &stored.item else { continue };
        let single = event.occurrences.is_empty().then_some((None, &event.time));
        let all = single.into_iter().chain(event.occurrences.iter().enumerate().map(|(number, one)| (Some(number), &one.time)));
        for (number, (start, end)) in all {
            let (start, end): (jiff::Timestamp, jiff::Timestamp) =
                (start.parse().expect("a moment"), end.parse().expect("a moment"));
            if start < until && (end > from || start >= from) {
                found.push((start, shape.shown(id, &stored.item, number)));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, shown)| shown).collect()
}

fn items(shared: &Shared, mailbox: &str, question: Node<'_, '_>) -> Result<String, Refused> {
    let shape = shape(question, false)?;
    let mailbox = &shared.world.mailboxes[mailbox];
    let ids = question.descendants().filter(|node| node.has_tag_name((TYPES, "ItemId"))).filter_map(|id| id.attribute("Id"));
    let mut has_stopped = false;
    let one = |asked: &str| {
        if has_stopped {
            return error("GetItem", "ErrorBatchProcessingStopped");
        }
        has_stopped = shared.faults.stops_at.contains(asked);
        let (id, number) = match asked.split_once('/') {
            Some((id, number)) => (id, number.parse().ok()),
            None => (asked, None),
        };
        let stored = mailbox.items.get(id);
        let damage = shared.faults.damaged.iter().find(|(key, _)| id == format!("{key}="));
        match (stored, damage) {
            (None, _) => error("GetItem", "ErrorItemNotFound"),
            (_, Some((_, code))) => error("GetItem", code),
            (Some(Stored { item: Item::Event(event), .. }), _)
                if number.is_some_and(|number| number >= event.occurrences.len()) =>
            {
                error("GetItem", "ErrorItemNotFound")
            }
            (Some(stored), _) => success("GetItem", &format!("<m:Items>{}</m:Items>", shape.shown(id, &stored.item, number))),
        }
    };
    Ok(ids.map(one).collect())
}

/// What is asked of items; ids and named properties alone are given.
fn shape(question: Node<'_, '_>, is_list: bool) -> Result<Shape, Refused> {
    let shape = child(question, MESSAGES, "ItemShape").ok_or("ErrorSchemaValidation")?;
    let base = child(shape, TYPES, "BaseShape").and_then(|base| base.text());
    let named = child(shape, TYPES, "AdditionalProperties").into_iter().flat_map(|all| all.children()).filter(Node::is_element);
    let mut asked = Shape::default();
    for property in named {
        let field = property.attribute("FieldURI").unwrap_or_default().to_owned();
        match (property.tag_name().name(), field.as_str(), property.attribute("FieldIndex")) {
            ("FieldURI", ..) => asked.fields.push(field),
            ("IndexedFieldURI", "item:InternetMessageHeader", Some(name)) => asked.headers.push(name.to_owned()),
            _ => return Err("ErrorSchemaValidation"),
        }
    }
    if base == Some("IdOnly") && asked.is_known(is_list) { Ok(asked) } else { Err("ErrorSchemaValidation") }
}

fn moment(text: Option<&str>) -> Result<jiff::Timestamp, Refused> {
    text.and_then(|text| text.parse().ok()).ok_or("ErrorSchemaValidation")
}

fn first<'a, 'input>(node: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    node.children().find(Node::is_element)
}

fn child<'a, 'input>(node: Node<'a, 'input>, namespace: &'static str, name: &'static str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name((namespace, name)))
}
