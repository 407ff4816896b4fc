# The dashboard.
dashboard-my = Mine
dashboard-team = My team’s
dashboard-all = Everyone’s
dashboard-whose = Whose relationships
dashboard-as-of = As of { $time }, live
dashboard-nobody = These are everyone’s relationships. Choose who you are to see your own:
dashboard-counts = Relationships by health
dashboard-other = Without a score
risk-declining = Declining
risk-silent = Unusually silent
warm-improving = Improving
warm-new = New
tile-data = Contacts, active leads and open opportunities, with all their interactions.
tile-last = last contact { $when }
tile-likelihood = { $share } in touch within 30 days
tile-at-risk = At risk
tile-at-risk-what = Relationships that are declining, or silent for longer than is usual for them.
tile-at-risk-how = Silent means: at most one in five past gaps was as long, and there are at least four days of contact to tell from.
tile-at-risk-empty = Nothing is at risk
tile-at-risk-empty-text = All of these relationships keep their rhythm.
tile-warm = Newly warm
tile-warm-what = Good or fair relationships that are improving, or that are new.
tile-warm-how = Improving: the mean score of the last two weeks is at least 8 points above that of two weeks a month ago. New: first contact within 42 days.
tile-warm-empty = Nothing has warmed up lately
tile-warm-empty-text = New and improving relationships appear here.
tile-next = Next interactions
tile-next-what = Meetings, calls and tasks that are planned, soonest first.
tile-next-how = The earliest scheduled activity of each record after now.
tile-next-empty = Nothing is planned
tile-next-empty-text = Meetings of your calendars and planned activities appear here.
tile-closing = Closing soon, not in good health
tile-closing-what = Large open deals in the lower left corner of the pipeline.
tile-closing-how = Estimated close within 45 days, health fair, poor or unknown; largest revenue first.
tile-closing-empty = No deal is in that corner
tile-closing-empty-text = Whatever closes soon is in good health.
tile-closes = { $days ->
    [0] closes today
    [one] closes in one day
   *[other] closes in { $days } days
}
