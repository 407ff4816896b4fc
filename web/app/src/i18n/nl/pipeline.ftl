# Relationship Pipeline.
pipeline-title = Relatiepijplijn
pipeline-days = Dagen tot geschatte sluitingsdatum
pipeline-health = Relatiegezondheid
pipeline-pending = In behandeling
pipeline-none = Nog geen gezondheid (onderaan)
pipeline-size = Grootte: geschatte omzet
pipeline-empty = Geen open verkoopkans sluit in de komende dagen
pipeline-empty-text = Verkoopkansen met een geschatte sluitingsdatum van vandaag of later verschijnen hier.
pipeline-omitted = De { $count } kleinste zijn weggelaten.
pipeline-clear = Weer alles in de lijst tonen
pipeline-brush = De lijst met getallen filteren
pipeline-brush-from-day = Dagen vanaf
pipeline-brush-to-day = Dagen tot en met
pipeline-brush-from-health = Gezondheid vanaf
pipeline-brush-to-health = Gezondheid tot en met
pipeline-brush-apply = De lijst filteren
pipeline-label = { $count ->
    [one] Eén verkoopkans naar dagen tot sluiting en gezondheid. Enter opent hem.
   *[other] { $count } verkoopkansen naar dagen tot sluiting en gezondheid. Met de pijltoetsen gaat u naar de volgende, Enter opent hem.
}
pipeline-bubble = { $days ->
    [0] { $name }: { $state }, { $score }, sluit vandaag, { $revenue }
    [one] { $name }: { $state }, { $score }, sluit over één dag, { $revenue }
   *[other] { $name }: { $state }, { $score }, sluit over { $days } dagen, { $revenue }
}
pipeline-close = { $days ->
    [0] Sluit vandaag ({ $date })
    [one] Sluit over één dag ({ $date })
   *[other] Sluit over { $days } dagen ({ $date })
}
pipeline-not-shown = { $past ->
    [0] Van geen enkele is de sluitingsdatum voorbij
    [one] Van één is de sluitingsdatum voorbij
   *[other] Van { $pastText } is de sluitingsdatum voorbij
}, { $none ->
    [0] geen is zonder sluitingsdatum.
    [one] één heeft geen sluitingsdatum: deze worden niet getoond.
   *[other] { $noneText } hebben geen sluitingsdatum: deze worden niet getoond.
}
