# Wie kent wie.
widget-who-knows = Wie kent wie
widget-who-knows-what = Collega’s die deze persoon kennen, de sterkste eerst, en hoe sterk elke band is.
widget-who-knows-how = Dagen met contact tussen de twee vervagen met de tijd, zoals bij gezondheid; e-mail aan velen telt minder dan e-mail aan één, en als maar één kant schrijft is de band zwak.
widget-who-knows-data = E-mails, vergaderingen en telefoongesprekken van de laatste twee jaar, uit CRM en toegestane postvakken.
who-knows-nobody = Niemand hier heeft contact met { $name }
who-knows-nobody-text = Misschien kent iemand iemand die dat wel heeft.
who-knows-past = Alleen te zien per vandaag
who-knows-past-text = De ondernemingsraadmodus staat aan: wie collega’s eerder kenden, zou verraden wanneer zij contact hadden.
who-knows-paths-link = Een weg via één persoon zoeken
who-knows-as-list = Als lijst tonen
who-knows-as-graph = Als netwerk tonen
who-knows-node = { $name }: { $grade }, { $strength } van 100
introduce = Laat u introduceren
introduce-by = Laat u introduceren door { $name }
introduce-title = Om een introductie vragen
introduce-to = Aan
introduce-subject-label = Onderwerp
introduce-subject = Een introductie bij { $target }?
introduce-message = Bericht
introduce-template =
    Hallo {"{"}colleague{"}"},
    { "" }
    Wilt u mij voorstellen aan {"{"}target{"}"}?
    { "" }
    {"{"}me{"}"}
introduce-open-mail = Openen in e-mail
tie-activity = Activiteit
tie-activity-text = Hebben ze überhaupt contact?
tie-directness = Directheid
tie-directness-text = Spreken ze elkaar persoonlijk?
tie-mutuality = Wederkerigheid
tie-mutuality-text = Spreken beide kanten?
tie-counts = { $emails } e-mails, { $meetings } vergaderingen, { $calls } telefoongesprekken; { $us } keer door ons begonnen, { $them } keer door hen
tie-last = Laatst contact op { $date }; { $share } kans op contact binnen 30 dagen
tie-contributions = Waaruit de sterkte bestaat
tie-day = Dag
tie-kind = Soort
tie-adds = Voegt toe
missing-no-user = Geen gebruiker van Rapport
missing-role = Niet in een geselecteerde beveiligingsrol
missing-group = In een uitgesloten beveiligingsgroep
missing-opted-out = Doet niet mee
missing-mailbox-data-off = Postvakgegevens staan uit
missing-consent = Toestemming ontbreekt
missing-left = Werkt hier niet meer
missing-no-interactions = Geen interacties in twee jaar
missing-other = Een andere reden
who-knows-search = Een adres, een persoon of een bedrijf
who-knows-ask = Wie kent hen?
who-knows-hops = Ook wegen via één persoon
who-knows-suggestions = Suggesties
who-knows-start = Wie kan een deur openen?
who-knows-start-text = Typ een adres zoals jo@klant.example, een naam, of het domein van een bedrijf zoals klant.example.
who-knows-answer = Wie kent { $name }
who-knows-company = Wie van ons kent iemand bij { $name }
who-knows-person = Wie van ons kent { $name }
who-knows-as-of = Stand van { $time }, live.
who-knows-record = De contactpersoon openen
paths-title = Wegen via één persoon
paths-none = Zo’n weg is er niet
paths-none-text = Niemand die wij kennen is samen met hen gezien.
paths-strength = sterkte { $strength }
who-knows-graph = { $count ->
    [one] { $name } en één collega die deze persoon kent
   *[other] { $name } en { $count } collega’s die deze persoon kennen; met de pijltoetsen gaat u rond
}
missing-title = { $count ->
    [one] Eén collega wordt niet getoond
   *[other] { $shown } collega’s worden niet getoond
}
introduce-send = Verzoek versturen
introduce-asked = Uw collega is gevraagd en antwoordt in Rapport.
introduce-no-sign-in = Verzoeken worden verstuurd zodra u bent ingelogd. Open de tekst tot die tijd in uw e-mailprogramma.
introduce-template-unnamed =
    Hallo,

    Wilt u mij voorstellen aan {"{"}target{"}"}?

    Dank u wel,
    {"{"}me{"}"}
colleague-unnamed = Een collega
colleague-asks-first = Deze collega wil eerst gevraagd worden: u hoort wie het is zodra hij of zij toestemt.
missing-not-available = Niet beschikbaar
