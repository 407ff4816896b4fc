# De pagina van een record.
record-tabs = Tabbladen van het record
record-tab-summary = Samenvatting
record-tab-analytics = Relatieanalyse
record-account-of = Account
record-company = Bedrijf
record-owner = Eigenaar
record-status = Status
record-revenue = Gesch. omzet
record-close = Gesch. sluitingsdatum
record-health = Relatiegezondheid
as-of = Stand van
as-of-date = De pagina tonen zoals op deze dag
as-of-past = De pagina zoals die was op { $date }
as-of-now = Terug naar nu
as-of-today = nu, live
chart-show-table = Als tabel tonen
chart-show-chart = Als grafiek tonen
