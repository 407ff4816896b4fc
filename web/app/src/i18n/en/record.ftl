# A record's page.
record-tabs = Tabs of the record
record-tab-summary = Summary
record-tab-analytics = Relationship Analytics
record-account-of = Account
record-company = Company
record-owner = Owner
record-status = Status
record-revenue = Est. revenue
record-close = Est. close date
record-health = Relationship health
as-of = As of
as-of-date = Show the page as of this day
as-of-past = The page as it stood on { $date }
as-of-now = Back to now
as-of-today = now, live
chart-show-table = Show as table
chart-show-chart = Show as chart
