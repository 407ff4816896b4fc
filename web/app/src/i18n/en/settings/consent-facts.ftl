# What consent is asked for, row by row.
consent-who-text = { $organization }: the administrator who enabled relationship intelligence there and saved it
consent-permissions = Exact permissions
consent-permissions-text = Microsoft 365: { $permissions }; where users come from there too, also { $users }; where message traces are read instead of mailboxes, ExchangeMessageTrace.Read.All in the place of the first two. Other sources: what the operator configures.
consent-excluded-count = { $count ->
    [0] None
    [one] One group
   *[other] { $count } groups
}
consent-deadline = Deadline
consent-deadline-none = None runs now
