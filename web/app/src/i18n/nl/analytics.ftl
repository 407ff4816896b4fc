# Het tabblad Relatieanalyse: widgets en hun toelichting.
widget-summary = Samenvatting
widget-summary-subtitle = Uit de activiteiten van dit jaar en het vorige
widget-summary-what = Maximaal vijf zinnen over wat in deze relatie het meest zegt.
widget-summary-how = Elke zin zegt één cijfer van deze pagina in woorden; er staat niets in wat de cijfers niet zeggen.
widget-summary-data = De interacties van dit record, en vergelijkbare gewonnen verkoopkansen als die er zijn.
summary-nothing = Er valt nog niets te vertellen
summary-nothing-text = De eerste zin verschijnt bij de eerste interactie.
summary-previous = Vorige zin
summary-next = Volgende zin
summary-page = { $page } van { $pages }
widget-health = Relatiegezondheid
widget-health-what = Hoe goed de relatie wordt onderhouden, van 0 tot 100, en welke kant ze op gaat.
widget-health-how = Elke dag met contact voegt iets toe aan een geheugen dat met de tijd vervaagt. Dat geheugen wordt vergeleken met dat van iemand met precies zoveel contact als uw organisatie verwacht, en telt minder naarmate het langer stil is en als maar één kant spreekt. Contact zoals verwacht, van twee kanten: 65.
widget-health-data = Voltooide e-mails, vergaderingen, telefoongesprekken en taken van de laatste twee jaar, uit CRM en toegestane postvakken.
widget-interactions = Klantinteracties
widget-interactions-what = E-mails, vergaderingen en telefoongesprekken die elke kant begon.
widget-interactions-how = Elke interactie telt één keer, in hoeveel postvakken ze ook staat; wie verzond, organiseerde of belde bepaalt de kant.
widget-interactions-data = Voltooide activiteiten vanaf 1 januari vorig jaar.
widget-engagement = E-mailbetrokkenheid
widget-engagement-what = Hoe vaak gevolgde e-mails zijn geopend, bijlagen bekeken en koppelingen aangeklikt.
widget-engagement-how = Aantallen van e-mails die een verkoper met volgen heeft verzonden.
widget-engagement-data = Alleen gevolgde e-mails; vastgelegde e-mail is metadata en volgt niemand.
widget-investment-us = Uw geïnvesteerde uren
widget-investment-us-what = Uren die uw kant aan dit record besteedde.
widget-investment-them = Geïnvesteerde uren van de klant
widget-investment-them-what = Uren die de klant met u doorbracht.
widget-investment-how = Een e-mail kost de afzender { $sender } minuten en de lezer { $reader }. Een vergadering kost ons de duur voor ieder van ons die erbij is, de klant de duur één keer. Gesprekken en taken kosten beide kanten hun duur.
widget-investment-data = Voltooide activiteiten vanaf 1 januari vorig jaar.
investment-none = Nog geen van beide kanten besteedde tijd
investment-share = { $share } van de tijd van beide kanten
investment-won = Vergelijkbare gewonnen verkoopkansen: { $hours }
widget-response-us = Uw reactietijd
widget-response-us-what = Hoelang uw kant erover doet om de klant te antwoorden.
widget-response-them = Reactietijd van de klant
widget-response-them-what = Hoelang de klant erover doet om u te antwoorden.
widget-response-how = Binnen een gesprek: van het eerste bericht van een beurt van de ene kant tot het eerste antwoord van de andere. Wat nog niet beantwoord is, wordt apart geteld, nooit als nul; de mediaan met wat nog wacht telt dat mee zolang het wacht. Kantooruren zijn die van uw organisatie.
widget-response-data = E-mails uit toegestane postvakken vanaf 1 januari vorig jaar.
response-median = mediaan: de helft van de antwoorden kwam eerder
response-won = Vergelijkbare gewonnen verkoopkansen: { $hours }
response-mean = Gemiddelde
response-p90 = 90 % binnen
response-km = Mediaan met wat nog wacht
response-business = Mediaan in kantooruren
response-estimated = Geschat uit wanneer e-mails kwamen en van wie: { $hours } ({ $pairs } paren, { $chance } door toeval)
response-answered = Beantwoord
response-unanswered = Wacht nog
response-no-answer = er is nog niets beantwoord
response-rate = Op tijd beantwoord
response-rate-days = { $days ->
    [one] Binnen een dag beantwoord
   *[other] Binnen { $days } dagen beantwoord
}
response-rate-hours = { $hours ->
    [one] Binnen een uur beantwoord
   *[other] Binnen { $hours } uur beantwoord
}
widget-ratio-us = Uw verhouding verzonden/ontvangen
widget-ratio-us-what = E-mails die u verzond per ontvangen e-mail.
widget-ratio-them = Verhouding verzonden/ontvangen van de klant
widget-ratio-them-what = E-mails die de klant verzond per ontvangen e-mail.
widget-ratio-how = Verzonden e-mails gedeeld door ontvangen e-mails; onbekend als niets is ontvangen.
widget-ratio-data = E-mails vanaf 1 januari vorig jaar.
ratio-note = verzonden per ontvangen e-mail
ratio-sent = Verzonden
ratio-received = Ontvangen
ratio-won = Vergelijkbare gewonnen verkoopkansen: { $share }
widget-contacted = Meest gecontacteerd
widget-contacted-what = De drie mensen van de klant die het meest contact met u hebben.
widget-contacted-how = Naar aantal interacties, daarna het recentst.
widget-contacted-data = Voltooide activiteiten vanaf 1 januari vorig jaar.
widget-contacted-by = Meest gecontacteerd door
widget-contacted-by-what = De drie collega’s die het meest contact met de klant hebben; wie niet meedoet, staat er niet bij.
contacted-nobody = Nog niemand
contacted-nobody-text = Er was geen contact in dit jaar en het vorige.
contacted-last = laatst { $date }
widget-activities = Relatieactiviteiten
widget-activities-what = Wat er op elk van de laatste 60 dagen gebeurde.
widget-activities-how = Interacties per lokale dag in zes reeksen, gestapeld.
widget-activities-data = Voltooide e-mails, vergaderingen en telefoongesprekken.
activities-caption = Dagen met activiteit in de laatste 60
activities-none = Er was geen activiteit in de laatste 60 dagen.
series-emails-sent = Verzonden e-mails
series-emails-received = Ontvangen e-mails
series-meetings-sent = Verzonden vergaderingen
series-meetings-received = Ontvangen vergaderingen
series-calls-made = Uitgaande gesprekken
series-calls-received = Inkomende gesprekken
widget-similar = Vergelijkbare gewonnen verkoopkansen
widget-similar-what = Gewonnen verkoopkansen die op deze lijken, met hun cijfers op de dag dat ze werden gewonnen.
widget-similar-how = De eigen velden van uw organisatie worden vergeleken. Een veld weegt zoveel als het in uw gesloten verkoopkansen zegt over winnen; een verkoopkans is vergelijkbaar als minstens de helft van het gewicht overeenkomt.
widget-similar-data = Gesloten verkoopkansen uit het CRM, en hun interacties.
similar-basis-similar = Gelijkenis berust op { $fields }
similar-basis-largest = Geen gewonnen verkoopkans is vergelijkbaar; dit zijn de grootste. Vergeleken zijn { $fields }
similar-field-industry = branche
similar-field-revenue = omzet
similar-field-team = team
similar-field-currency = valuta
similar-off = Vergelijkbare verkoopkansen staan uit
similar-off-text = Een beheerder kan ze in de instellingen aanzetten.
similar-too-few = Te weinig gesloten verkoopkansen om mee te vergelijken
similar-too-few-text = Er zijn { $needed } gewonnen en { $needed } verloren verkoopkansen nodig; er zijn er { $won } en { $lost }.
similar-table = De verkoopkansen en hun cijfers
similar-name = Naam
similar-likeness = Gelijkenis
similar-activities = Activiteiten
similar-time = Bestede tijd
similar-response = Reactietijd
similar-rate = Reactiepercentage
similar-closed = Gewonnen op
similar-more = en nog { $count }, die in de gemiddelden meetellen
widget-why = Waarom deze score
widget-why-what = Waaruit de score bestaat: de bijdrage van elke dag, de formule met de cijfers van dit record, en wat haar zou veranderen.
why-nothing = Er valt nog niets uit te leggen
why-nothing-text = Zodra er contact is, staat hier elke dag met wat die toevoegt.
why-contributions = Wat elke dag toevoegt
why-contributions-text = { $n ->
    [one] Eén dag met contact vormt een geheugen van { $memory }.
   *[other] { $days } dagen met contact vormen samen een geheugen van { $memory }.
}
why-age = Leeftijd (dagen)
why-weight = Gewicht
why-value = Voegt toe
why-sum = Som
why-formula = De formule met deze cijfers
why-memory = Geheugen
why-expectation = Verwachting
why-engagement = Betrokkenheid
why-mutual = Wederkerigheid
why-freshness = Versheid
why-if-met = Met een vergadering vandaag zou dit { $score } zijn ({ $grade }).
why-if-met-then = Met een vergadering op die dag was dit { $score } geweest ({ $grade }).
why-history = De score over 180 dagen
why-settings = De gebruikte instellingen
column-day = Dag
column-kind = Soort
column-score = Score
kpi-emails = E-mails
kpi-meetings = Vergaderingen
kpi-phone-calls = Telefoongesprekken
side-us = U
side-them = Klant
won-average = { $n ->
    [one] Vergelijkbare gewonnen verkoopkansen (één)
   *[other] Vergelijkbare gewonnen verkoopkansen (gemiddelde van { $count })
}
reason-no-mailbox-data = Onbekend zonder postvakgegevens
reason-no-mailbox-data-text = Antwoorden zijn te zien in postvakken. Uw beheerder kan ze toestaan en verbinden.
reason-not-enough-data = Nog onvoldoende gegevens
reason-not-enough-data-text = Het verschijnt zodra beide kanten hebben geschreven.
engagement-none = Geen gevolgde e-mails
engagement-none-text = Niemand stuurde deze klant een e-mail met volgen aan. Vastgelegde e-mail wordt nooit gevolgd.
health-rollup = Samengevoegd over alle mensen van de account
health-next = Volgende interactie
health-last = Laatste interactie
health-not-scheduled = Niet gepland
health-of-100 = { $score } van 100
health-new = Nieuwe relatie
health-last-score = Score bij het sluiten:
health-likely = Blijft waarschijnlijk in contact: { $share } voor de komende 30 dagen
health-at-risk = Risico: { $share } kans op contact in de komende 30 dagen
health-silence-none = Vandaag nog contact gehad.
health-silence-unknown = Er was op één dag contact: welke stilte hier gewoon is, is nog niet bekend.
health-silence-usual = Een stilte als deze is hier gewoon: { $share } van de eerdere stiltes duurde even lang.
health-silence-unusual = Zo’n lange stilte is hier ongewoon: { $share } van de eerdere stiltes duurde even lang.
health-explain-error = De score kon niet worden berekend.
health-explain-computing = De score wordt berekend.
health-explain-not-applicable = Gezondheid wordt berekend voor open verkoopkansen en actieve leads.
health-explain-older = Al het contact is langer dan twee jaar geleden.
health-explain-none-completed = Er is iets gepland, nog niets voltooid.
health-explain-not-enough = Er is contact op twee dagen in de laatste twee jaar nodig.
why-memory-text = wat alle dagen met contact samen opleveren
why-expectation-text = { $days ->
    [one] het geheugen van iemand met elke dag contact
   *[other] het geheugen van iemand met elke { $days } dagen contact
}
why-engagement-text = 1 als beide kanten even vaak beginnen, 0,5 als maar één dat doet
why-mutual-text = 1 als beide kanten even vaak beginnen, 0,75 als maar één dat doet
why-freshness-text = vandaag 1, na { $days } dagen zonder contact de helft
why-term-memory = geheugen
why-term-expectation = verwachting
why-term-engagement = betrokkenheid
why-term-mutual = wederkerigheid
why-term-freshness = versheid
why-no-score = Er is geen score ({ $state }), dus hier houdt de formule op.
why-history-changes = Dagen waarop de score veranderde
why-history-none = In deze 180 dagen was er geen score.
why-settings-model = Model { $model }.
why-settings-frequency = { $days ->
    [one] Er wordt elke dag contact verwacht.
   *[other] Er wordt elke { $days } dagen contact verwacht.
}
why-settings-grades = Goed begint bij { $good }, redelijk bij { $fair }.
why-settings-influence = Sommige soorten wegen meer of minder: { $influences }.
why-settings-no-influence = Alle soorten activiteiten wegen even zwaar.
reason-not-told = Wordt u niet getoond
reason-not-told-text = Uw licentie omvat het niet, of de ondernemingsraadmodus staat aan en het zou laten zien wat één collega doet.
tier-basic = U ziet de basisinzichten, uit de activiteiten van het CRM. De premiumlicentie voegt gezondheid met score en trend, reactietijden, vergelijkbare gewonnen deals en postvakgegevens toe.
