# Who knows whom.
widget-who-knows = Who knows whom
widget-who-knows-what = Colleagues who know this person, strongest first, and how strong each tie is.
widget-who-knows-how = Days of contact between the two fade with their age, like health; mail to many counts less than mail to one, and where only one side ever writes the tie is weak.
widget-who-knows-data = Emails, meetings and phone calls of the last two years, from CRM and allowed mailboxes.
who-knows-nobody = Nobody here is in touch with { $name }
who-knows-nobody-text = Perhaps somebody knows somebody who does.
who-knows-past = Told as of today only
who-knows-past-text = Works council mode is on: whom colleagues knew in the past would tell when they were in touch.
who-knows-paths-link = Look for a way over one person
who-knows-as-list = Show as list
who-knows-as-graph = Show as graph
who-knows-node = { $name }: { $grade }, { $strength } of 100
introduce = Get introduced
introduce-by = Get introduced by { $name }
introduce-title = Ask for an introduction
introduce-to = To
introduce-subject-label = Subject
introduce-subject = An introduction to { $target }?
introduce-message = Message
introduce-template =
    Hi {"{"}colleague{"}"},
    { "" }
    Could you please introduce me to {"{"}target{"}"}?
    { "" }
    {"{"}me{"}"}
introduce-open-mail = Open in e-mail
tie-activity = Activity
tie-activity-text = Are they in touch at all?
tie-directness = Directness
tie-directness-text = Do they talk personally?
tie-mutuality = Mutuality
tie-mutuality-text = Do both sides speak?
tie-counts = { $emails } emails, { $meetings } meetings, { $calls } phone calls; begun { $us } times by us, { $them } times by them
tie-last = Last in touch on { $date }; { $share } likely to be again within 30 days
tie-contributions = What the strength is made of
tie-day = Day
tie-kind = Kind
tie-adds = Adds
missing-no-user = No user of Rapport
missing-role = Not in a selected security role
missing-group = In an excluded security group
missing-opted-out = Opted out
missing-mailbox-data-off = Mailbox data is off
missing-consent = Consent is missing
missing-left = Left the company
missing-no-interactions = No interactions in two years
missing-other = Another reason
who-knows-search = An address, a person or a company
who-knows-ask = Who knows them?
who-knows-hops = Also ways over one person
who-knows-suggestions = Suggestions
who-knows-start = Who can open a door?
who-knows-start-text = Type an address such as jo@customer.example, a name, or a company’s domain such as customer.example.
who-knows-answer = Who knows { $name }
who-knows-company = Who of us knows somebody at { $name }
who-knows-person = Who of us knows { $name }
who-knows-as-of = As of { $time }, live.
who-knows-record = Open the contact
paths-title = Ways over one person
paths-none = There is no such way
paths-none-text = Nobody whom we know was seen together with them.
paths-strength = strength { $strength }
who-knows-graph = { $count ->
    [one] { $name } and one colleague who knows them
   *[other] { $name } and { $count } colleagues who know them; arrow keys go around
}
missing-title = { $count ->
    [one] One colleague is not shown
   *[other] { $shown } colleagues are not shown
}
introduce-send = Send the request
introduce-asked = Your colleague is asked, and answers in Rapport.
introduce-no-sign-in = Requests are sent once you sign in. Until then, open the text in your e-mail program.
introduce-template-unnamed =
    Hi,

    Could you please introduce me to {"{"}target{"}"}?

    Thank you,
    {"{"}me{"}"}
colleague-unnamed = A colleague
colleague-asks-first = This colleague wants to be asked first: you are told who it is once they accept.
missing-not-available = Not available
