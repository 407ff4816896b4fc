# The tab Relationship Analytics: widgets and their info panes.
widget-summary = Summary
widget-summary-subtitle = From the activities of this year and the year before
widget-summary-what = Up to five sentences about what is most telling in this relationship.
widget-summary-how = Each sentence says one figure of this page in words; nothing is in it that the figures do not say.
widget-summary-data = The interactions of this record, and similar won deals where there are any.
summary-nothing = There is nothing to tell yet
summary-nothing-text = The first sentence appears with the first interaction.
summary-previous = Previous sentence
summary-next = Next sentence
summary-page = { $page } of { $pages }
widget-health = Relationship health
widget-health-what = How well the relationship is kept up, from 0 to 100, and where it is going.
widget-health-how = Each day with contact adds to a memory that fades with its age. The memory is compared with that of somebody in touch exactly as often as your organization expects, and counts less the longer nobody is in touch and where only one side speaks. In touch as expected, both ways: 65.
widget-health-data = Completed emails, meetings, phone calls and tasks of the last two years, from CRM and allowed mailboxes.
widget-interactions = Customer interactions
widget-interactions-what = Emails, meetings and phone calls that each side began.
widget-interactions-how = Each interaction counts once, however many mailboxes saw it; who sent, organized or called decides the side.
widget-interactions-data = Completed activities from 1 January of last year on.
widget-engagement = Email engagement
widget-engagement-what = How often followed emails were opened, their attachments viewed, their links clicked.
widget-engagement-how = Counts of emails that a seller sent with following switched on.
widget-engagement-data = Followed emails only; captured mail is metadata and follows nobody.
widget-investment-us = Your hourly investment
widget-investment-us-what = Hours that your side spent on this record.
widget-investment-them = Customer’s hourly investment
widget-investment-them-what = Hours that the customer spent with you.
widget-investment-how = An email costs its sender { $sender } minutes and the reader { $reader }. A meeting costs us its length for each of us present, the customer its length once. Calls and tasks cost both sides their length.
widget-investment-data = Completed activities from 1 January of last year on.
investment-none = Neither side has spent time yet
investment-share = { $share } of the time of both sides
investment-won = Similar won deals: { $hours }
widget-response-us = Your response time
widget-response-us-what = How long your side takes to answer the customer.
widget-response-them = Customer’s response time
widget-response-them-what = How long the customer takes to answer you.
widget-response-how = Within a conversation: from the first message of one side’s turn to the first answer of the other side. What is not answered yet is counted apart, never as zero; the median with those waiting counts them as long as they have waited. Business hours are those of your organization.
widget-response-data = Emails of allowed mailboxes from 1 January of last year on.
response-median = median: half of all answers came sooner
response-won = Similar won deals: { $hours }
response-mean = Mean
response-p90 = 90 % within
response-km = Median with those waiting
response-business = Median in business hours
response-estimated = Estimated from when emails came and from whom: { $hours } ({ $pairs } pairs, { $chance } by chance)
response-answered = Answered
response-unanswered = Waiting
response-no-answer = nothing has been answered yet
response-rate = Answered in time
response-rate-days = { $days ->
    [one] Answered within a day
   *[other] Answered within { $days } days
}
response-rate-hours = { $hours ->
    [one] Answered within an hour
   *[other] Answered within { $hours } hours
}
widget-ratio-us = Your send/receive ratio
widget-ratio-us-what = Emails that you sent for each that you received.
widget-ratio-them = Customer’s send/receive ratio
widget-ratio-them-what = Emails that the customer sent for each that they received.
widget-ratio-how = Emails sent divided by emails received; not known where nothing was received.
widget-ratio-data = Emails from 1 January of last year on.
ratio-note = sent for each received
ratio-sent = Sent
ratio-received = Received
ratio-won = Similar won deals: { $share }
widget-contacted = Most contacted
widget-contacted-what = The three people of the customer who are in touch with you most.
widget-contacted-how = By number of interactions, then the more recent.
widget-contacted-data = Completed activities from 1 January of last year on.
widget-contacted-by = Most contacted by
widget-contacted-by-what = The three colleagues who are in touch with the customer most; whoever opted out is not among them.
contacted-nobody = Nobody yet
contacted-nobody-text = There was no contact in this year and the year before.
contacted-last = last { $date }
widget-activities = Relationship activities
widget-activities-what = What happened on each of the last 60 days.
widget-activities-how = Interactions per local day in six series, stacked.
widget-activities-data = Completed emails, meetings and phone calls.
activities-caption = Days with activity among the last 60
activities-none = There was no activity in the last 60 days.
series-emails-sent = Emails sent
series-emails-received = Emails received
series-meetings-sent = Meetings sent
series-meetings-received = Meetings received
series-calls-made = Calls made
series-calls-received = Calls received
widget-similar = Similar won deals
widget-similar-what = Won deals that resemble this one, with their figures as of the day they were won.
widget-similar-how = Your organization’s own fields are compared. A field weighs as much as it tells about winning in your closed deals; a deal is similar when at least half of the weight agrees.
widget-similar-data = Closed opportunities of the CRM, and their interactions.
similar-basis-similar = Likeness rests on { $fields }
similar-basis-largest = No won deal is similar, so these are the largest. Compared were { $fields }
similar-field-industry = industry
similar-field-revenue = revenue
similar-field-team = team
similar-field-currency = currency
similar-off = Similar won deals are switched off
similar-off-text = An administrator can switch them on in the settings.
similar-too-few = Too few closed deals to compare with
similar-too-few-text = It takes { $needed } won and { $needed } lost opportunities; there are { $won } and { $lost }.
similar-table = The deals and their figures
similar-name = Name
similar-likeness = Likeness
similar-activities = Activities
similar-time = Time spent
similar-response = Response time
similar-rate = Response rate
similar-closed = Won on
similar-more = and { $count } more, which are part of the averages
widget-why = Why this score
widget-why-what = What the score is made of: each day’s contribution, the formula with this record’s numbers, and what would change it.
why-nothing = There is nothing to explain yet
why-nothing-text = As soon as there is contact, each day with it is shown here with what it adds.
why-contributions = What each day adds
why-contributions-text = { $n ->
    [one] One day with contact makes a memory of { $memory }.
   *[other] { $days } days with contact add up to a memory of { $memory }.
}
why-age = Age (days)
why-weight = Weight
why-value = Adds
why-sum = Sum
why-formula = The formula with these numbers
why-memory = Memory
why-expectation = Expectation
why-engagement = Engagement
why-mutual = Mutuality
why-freshness = Freshness
why-if-met = A meeting today would make this { $score } ({ $grade }).
why-if-met-then = A meeting on that day would have made this { $score } ({ $grade }).
why-history = The score over 180 days
why-settings = The settings that were used
column-day = Day
column-kind = Kind
column-score = Score
kpi-emails = Emails
kpi-meetings = Meetings
kpi-phone-calls = Phone calls
side-us = You
side-them = Customer
won-average = { $n ->
    [one] Similar won deals (one deal)
   *[other] Similar won deals (average of { $count })
}
reason-no-mailbox-data = Not known without mailbox data
reason-no-mailbox-data-text = Answers are seen in mailboxes. Your administrator can allow and connect them.
reason-not-enough-data = Not enough data yet
reason-not-enough-data-text = It shows as soon as both sides have written.
engagement-none = No followed emails
engagement-none-text = Nobody sent this customer an email with following switched on. Captured mail is never followed.
health-rollup = Roll-up of all people of the account
health-next = Next interaction
health-last = Last interaction
health-not-scheduled = Not scheduled
health-of-100 = { $score } of 100
health-new = New relationship
health-last-score = Score when it was closed:
health-likely = Likely to stay in touch: { $share } for the next 30 days
health-at-risk = At risk: { $share } likely to be in touch in the next 30 days
health-silence-none = In touch today.
health-silence-unknown = In touch on one day only: how long a silence is usual is not known yet.
health-silence-usual = A silence like the present one is usual here: { $share } of the silences before lasted as long.
health-silence-unusual = So long a silence is unusual here: { $share } of the silences before lasted as long.
health-explain-error = The score could not be computed.
health-explain-computing = The score is being computed.
health-explain-not-applicable = Health is computed for open opportunities and active leads.
health-explain-older = All contact lies more than two years back.
health-explain-none-completed = Something is planned, nothing is completed yet.
health-explain-not-enough = It takes contact on two days of the last two years.
why-memory-text = what all days with contact add up to
why-expectation-text = { $days ->
    [one] the memory of somebody in touch every day
   *[other] the memory of somebody in touch every { $days } days
}
why-engagement-text = 1 if both sides begin alike, 0.5 if only one does
why-mutual-text = 1 if both sides begin alike, 0.75 if only one does
why-freshness-text = 1 today, a half after { $days } days without contact
why-term-memory = memory
why-term-expectation = expectation
why-term-engagement = engagement
why-term-mutual = mutuality
why-term-freshness = freshness
why-no-score = There is no score ({ $state }), so the formula stops here.
why-history-changes = Days on which the score changed
why-history-none = There was no score in these 180 days.
why-settings-model = Model { $model }.
why-settings-frequency = { $days ->
    [one] Contact is expected every day.
   *[other] Contact is expected every { $days } days.
}
why-settings-grades = Good begins at { $good }, fair at { $fair }.
why-settings-influence = Some kinds weigh more or less: { $influences }.
why-settings-no-influence = All kinds of activity weigh the same.
reason-not-told = Not shown to you
reason-not-told-text = Your licence does not include it, or works council mode is on and it would tell what a single colleague does.
tier-basic = You see the basic insights, from the activities of the CRM. The premium licence adds health with its score and trend, response times, similar won deals, and mailbox data.
