# What consent is asked for, row by row.
consent-who-text = { $organization }: the administrator who enabled relationship intelligence there and saved it
consent-permissions = Exact permissions
consent-permissions-text = Microsoft 365: { $permissions }, asked for when a Microsoft 365 connector is set up; where it reads message traces instead of mailboxes, ExchangeMessageTrace.Read.All alone. Other sources: what the operator configures.
consent-excluded-count = { $count ->
    [0] None
    [one] One group
   *[other] { $count } groups
}
consent-deadline = Deadline
consent-deadline-none = None runs now
