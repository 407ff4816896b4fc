# Het dashboard.
dashboard-my = Van mij
dashboard-team = Van mijn team
dashboard-all = Van iedereen
dashboard-whose = Wiens relaties
dashboard-as-of = Stand van { $time }, live
dashboard-nobody = Dit zijn de relaties van iedereen. Kies wie u bent om uw eigen te zien:
dashboard-counts = Relaties naar gezondheid
dashboard-other = Zonder score
risk-declining = Wordt minder
risk-silent = Ongewoon stil
warm-improving = Wordt beter
warm-new = Nieuw
tile-data = Contactpersonen, actieve leads en open verkoopkansen, met al hun interacties.
tile-last = laatste contact { $when }
tile-likelihood = { $share } contact binnen 30 dagen
tile-at-risk = Risico
tile-at-risk-what = Relaties die minder worden, of langer stil zijn dan gewoon is.
tile-at-risk-how = Stil betekent: hoogstens één op de vijf eerdere pauzes was zo lang, en er zijn ten minste vier dagen met contact om van te leren.
tile-at-risk-empty = Niets loopt risico
tile-at-risk-empty-text = Al deze relaties houden hun ritme.
tile-warm = Net warm
tile-warm-what = Goede of redelijke relaties die beter worden, of nieuw zijn.
tile-warm-how = Beter: de gemiddelde score van de laatste twee weken ligt minstens 8 punten boven die van twee weken een maand geleden. Nieuw: eerste contact binnen 42 dagen.
tile-warm-empty = Niets is onlangs warmer geworden
tile-warm-empty-text = Nieuwe relaties en relaties die beter worden verschijnen hier.
tile-next = Volgende interacties
tile-next-what = Geplande vergaderingen, gesprekken en taken, de eerste vooraan.
tile-next-how = De eerstvolgende geplande activiteit van elk record.
tile-next-empty = Niets is gepland
tile-next-empty-text = Vergaderingen uit uw agenda’s en geplande activiteiten verschijnen hier.
tile-closing = Sluit binnenkort, niet in goede gezondheid
tile-closing-what = Grote open verkoopkansen linksonder in de pijplijn.
tile-closing-how = Geschatte sluiting binnen 45 dagen, gezondheid redelijk, zwak of onbekend; grootste omzet eerst.
tile-closing-empty = Geen verkoopkans staat in die hoek
tile-closing-empty-text = Alles wat binnenkort sluit, is in goede gezondheid.
tile-closes = { $days ->
    [0] sluit vandaag
    [one] sluit over één dag
   *[other] sluit over { $days } dagen
}
