# What the server says in codes.
excluded-private-anybody = It is with a private contact of the mailbox’s owner.
excluded-opted-out-anybody = The mailbox’s owner opted out.
excluded-role-anybody = The mailbox’s owner has none of the selected security roles.
excluded-group-anybody = The mailbox’s owner is in a security group that is left out.
excluded-geography-anybody = The mailbox lies where the policy does not allow it to be used.
requests-outcome = records: { $records }, interactions: { $interactions }
requests-outcome-addresses = addresses: { $addresses }, records: { $records }, interactions: { $interactions }
requests-outcome-erased = erased
