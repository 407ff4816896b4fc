# Of scores, banden en waarschijnlijkheden iets zeggen: gemeten aan het eigen verleden van de organisatie.
evaluation-what = Rapport gaat terug naar momenten in uw eigen verleden, berekent scores, banden en waarschijnlijkheden uit wat toen bekend was, en kijkt wie er daarna contact had. Er verandert niets door.
evaluation-run = Evaluatie
evaluation-horizon = Hoe ver vooruit kijken
evaluation-days = { $days } dagen
evaluation-now = Nu evalueren
evaluation-again = Opnieuw evalueren
evaluation-none = Er is nog niets geëvalueerd
evaluation-none-text = Kies hoe ver u vooruit wilt kijken en evalueer. Het duurt seconden tot minuten, afhankelijk van hoeveel er is vastgelegd.
evaluation-running = Het verleden wordt geëvalueerd. De uitkomst verschijnt hier vanzelf.
evaluation-failed = De evaluatie is niet afgemaakt
evaluation-nothing = Er is nog niets vastgelegd
evaluation-nothing-text = Er is geen verleden om te evalueren. Het begint met wat u importeert of uit postvakken vastlegt.
evaluation-few = Er zijn te weinig relaties om over te oordelen
evaluation-few-text = Alleen relaties met minstens drie recente interacties tellen mee. Er zijn { $pairs } gevallen van een collega en een persoon, en { $records } van een persoon en ons allen. Evalueer opnieuw zodra er meer is vastgelegd.
evaluation-basis = Per { $as_of }, model { $model }, { $days } dagen vooruit gekeken. Vastgelegd van { $from } tot { $to }. Het duurde { $seconds } s.
evaluation-moments = Momenten waarnaar is teruggegaan
evaluation-moment = { $at }: { $pairs } paren van een collega en een persoon, { $records } personen met ons allen, { $people } mensen om bij geïntroduceerd te worden
evaluation-words = In gewone woorden
evaluation-words-records = Van de relaties die als { $grade } waren beoordeeld, had { $share } ({ $in_touch } van { $cases }) contact in de { $days } dagen erna{ $rest }.
evaluation-words-pairs = Van de banden die als { $grade } waren beoordeeld, had { $share } ({ $in_touch } van { $cases }) contact in de { $days } dagen erna{ $rest }.
evaluation-words-rest = ; { $grade }: { $share } ({ $in_touch } van { $cases })
evaluation-words-first = De collega die bovenaan stond, was in { $share } van de gevallen de juiste om te introduceren ({ $people } mensen).
evaluation-words-auc = De waarschijnlijkheid onderscheidt relaties die blijven van relaties die vervagen met een AUC van { $auc } ({ $chance } is toeval; { $cases } gevallen).
evaluation-words-auc-days = De waarschijnlijkheid onderscheidt relaties die blijven van relaties die vervagen met een AUC van { $auc } ({ $chance } is toeval; { $cases } gevallen); wie dagen sinds het laatste contact telt, haalt { $baseline }.
evaluation-words-none = Er is te weinig om in woorden te vatten.
evaluation-grade = { $grade ->
    [good] goed
    [fair] redelijk
    [poor] zwak
    [strong] sterk
    [medium] gemiddeld
    [weak] zwak
   *[none] geen score
}
evaluation-of = { $of ->
    [pairs] Een collega en een persoon
   *[records] Een persoon en ons allen
}
evaluation-of-grades = { $of ->
    [pairs] Banden van een collega met een persoon: contact binnen { $days } dagen
   *[records] Relaties van een persoon met ons allen: contact binnen { $days } dagen
}
evaluation-plots = Wat er werd gezegd en wat er gebeurde
evaluation-reliability = Elke cirkel bevat relaties met ongeveer dezelfde waarschijnlijkheid; hoe groter, hoe meer het er zijn. Op de stippellijn gebeurde wat was voorspeld; daaronder beloofde de waarschijnlijkheid te veel.
evaluation-predicted = Voorspeld
evaluation-observed = Waargenomen
evaluation-cases = Gevallen
evaluation-in-touch = Contact
evaluation-share = Aandeel
evaluation-interval = 95 %-interval
evaluation-range = Waarschijnlijkheid
evaluation-column-grade = Beoordeling
evaluation-answered = Beantwoord
evaluation-answered-of = { $share } van { $asked }
evaluation-grades-text = De lijn over elke balk is het 95 %-interval.
evaluation-survival = Wie contact houdt: onze maten en referenties
evaluation-survival-text = { $cases } gevallen, waarvan { $in_touch } contact hadden binnen { $days } dagen. Het beste van elke kolom is vet; onder elke waarde staat het 95 %-interval.
evaluation-ranking = Wie kent wie: de juiste om te introduceren
evaluation-ranking-text = { $people } mensen, met samen { $candidates } kandidaten voor hun introductie. Het beste van elke kolom is vet; onder elke waarde staat het 95 %-interval.
evaluation-column-measure = Maat
evaluation-baseline = referentie
evaluation-best = beste
evaluation-measure = { $name ->
    [likelihood_30d] Waarschijnlijkheid
    [likelihood_calibrated] Gekalibreerde waarschijnlijkheid
    [score] Gezondheidsscore
    [strength] Sterkte van de band
    [activity] Activiteit
    [directness] Directheid
    [mutuality] Wederzijdsheid
    [days_since_last] Dagen sinds het laatste contact
    [messages] Aantal interacties
    [decayed_count] Vervagende telling
    [interactions_rank] Interactions Rank
    [bgnbd_alive] BG/NBD: levend
    [bgnbd_expected] BG/NBD: verwacht
   *[other] { $name }
}
evaluation-metric = { $name ->
    [roc_auc] ROC-AUC
    [pr_auc] PR-AUC
    [brier] Brier
    [calibration_error] Kalibratiefout
    [mrr] MRR
    [ndcg_5] NDCG@5
    [hit_1] Hit@1
   *[other] { $name }
}
evaluation-reason = { $reason ->
    [too_few_cases] Er zijn te weinig gevallen om over te oordelen.
    [one_outcome_only] Bij allemaal was de uitkomst dezelfde, dus er valt niets te onderscheiden.
    [other_horizon] De waarschijnlijkheid gaat over de komende 30 dagen en is dus alleen te toetsen door 30 dagen vooruit te kijken.
    [too_few_closed_deals] Er zijn te weinig verkoopkansen gesloten om over te oordelen.
   *[other] Dit valt niet te zeggen ({ $reason }).
}
evaluation-deals = Verkoopkansen: gewonnen en verloren
evaluation-deals-text = Of de score enige tijd voor het sluiten gewonnen verkoopkansen van verloren onderscheidde. In de kolommen van beoordelingen: hoeveel er gewonnen zijn, van hoeveel met die beoordeling.
evaluation-deals-before = Voor het sluiten
evaluation-won = Gewonnen
evaluation-lost = Verloren
evaluation-won-of = { $won } van { $all }
evaluation-traps = Valkuilen
evaluation-traps-none = Er is niets gevonden waardoor deze cijfers misleiden.
evaluation-trap = { $code ->
    [collection_hole] In het vastleggen zat een gat.
    [burst] Er is veel meer vastgelegd dan in de weken eromheen.
    [leavers] Er zijn collega’s vertrokken.
    [first_days] Te dicht bij de eerste vastgelegde dag.
    [last_days] De dagen erna zijn nog niet voorbij.
    [hole_ahead] Een gat in de dagen erna.
    [too_few_pairs] Te weinig paren.
    [sampled] Er is alleen een steekproef genomen.
   *[other] Let op:
}
evaluation-trap-text = { $code ->
    [collection_hole] Stilte zegt daar niets over relaties.
    [burst] Vaak is dat een import of een massamailing, en geen contact tussen mensen.
    [leavers] Hun paren tellen niet mee: die eindigen met hen, wat de score ook zei.
    [first_days] Dat moment telt niet mee: ervoor is te weinig vastgelegd.
    [last_days] Dat moment telt niet mee: wat erop volgt is niet voorbij, of niet meer vastgelegd.
    [hole_ahead] Dat moment telt niet mee: de helft van de dagen erna is niet vastgelegd.
    [too_few_pairs] De cijfers staan niet vast.
    [sampled] Het zijn er veel; zij staan voor allen.
   *[other] { $text }
}
evaluation-trap-count = { $code ->
    [leavers] { $count } collega’s
    [too_few_pairs] { $count } paren
    [sampled] { $count }% van de mensen
   *[other] { $count }
}
evaluation-trap-moment = moment { $at }
evaluation-calibration = Kalibratie van de waarschijnlijkheid
evaluation-calibrated = Gekalibreerd sinds { $at }
evaluation-calibrated-text = De waarschijnlijkheid gebruikt coëfficiënten uit uw eigen verleden, versie { $version }.
evaluation-pooled = Gemeenschappelijk
evaluation-pooled-text = De waarschijnlijkheid gebruikt coëfficiënten die over meerdere organisaties zijn gevonden. Met genoeg eigen paren wordt ze elke week gekalibreerd.
evaluation-calibration-pairs = Gelabelde paren gevonden: { $pairs } van de { $needed } die nodig zijn.
evaluation-calibration-auc = AUC in een maand die buiten de kalibratie bleef: waarschijnlijkheid { $likelihood }, dagen sinds het laatste contact { $days }, aantal interacties { $messages }.
evaluation-coefficients = Coëfficiënten en Brier-score
evaluation-coefficient = { $name ->
    [intercept] Intercept
    [slope] Helling
   *[brier] Brier
}
evaluation-in-use = In gebruik
evaluation-calibration-plot = Voorspeld en waargenomen in een maand die buiten de kalibratie bleef
evaluation-calibrate = Nu kalibreren
evaluation-calibrate-done = { $pairs } gelabelde paren gevonden; versie { $version } is in gebruik.
evaluation-about = Wat betekenen deze woorden?
evaluation-about-text = { $name ->
    [roc_auc] De kans dat van twee relaties, een die contact hield en een die dat niet deed, de maat de eerste hoger zet. 0,5 is toeval, 1 is volmaakt.
    [pr_auc] Hoeveel van de hoogst geplaatste echt contact hielden, gemiddeld over alle grenzen. Toeval is het aandeel dat contact hield; 1 is volmaakt.
    [brier] De gemiddelde gekwadrateerde afstand tussen de voorspelde waarschijnlijkheid en wat er gebeurde (0 of 1). Lager is beter; alleen waarschijnlijkheden hebben er een.
    [calibration_error] Hoe ver voorspelde waarschijnlijkheden gemiddeld van waargenomen aandelen liggen, over groepen met een vergelijkbare waarschijnlijkheid. Lager is beter.
    [mrr] Eén gedeeld door de plaats van de juiste om te introduceren, gemiddeld over mensen: 1 als die altijd eerste is, 0,5 als die altijd tweede is.
    [ndcg_5] Hoe goed de vijf collega’s bovenaan zijn, waarbij de eerste het meest telt. 1 is de best mogelijke volgorde.
    [hit_1] Het aandeel van de mensen bij wie de collega die bovenaan stond de juiste om te introduceren was.
    [likelihood_30d] Van ons: de waarschijnlijkheid van enig contact in de komende 30 dagen, met de gemeenschappelijke coëfficiënten.
    [likelihood_calibrated] Van ons: dezelfde, gekalibreerd op wat er tot dat moment in uw eigen verleden was gebeurd.
    [score] Van ons: de gezondheidsscore, 0 tot 100.
    [strength] Van ons: de sterkte van de band van een collega met een persoon, 0 tot 100.
    [activity] Van ons, een deel van de sterkte: hoeveel contact er was, vervagend met de leeftijd.
    [directness] Van ons, een deel van de sterkte: of er weinig of veel mensen bij waren.
    [mutuality] Van ons, een deel van de sterkte: of beide kanten meedoen.
    [days_since_last] Referentie: hoe recenter het laatste contact, hoe beter.
    [messages] Referentie: hoe meer interacties, hoe beter, hoe oud ook.
    [decayed_count] Referentie: het aantal interacties, elk met een halveringstijd van 30 dagen.
    [interactions_rank] Referentie: de gepubliceerde rangorde van interacties van Google: een halveringstijd van een week, die van ons wegen vijf keer die van hen.
    [bgnbd_alive] Referentie: een marketingmodel van aankopen (BG/NBD): de waarschijnlijkheid dat de relatie nog leeft.
    [bgnbd_expected] Referentie: hetzelfde model: de dagen met contact die het verwacht.
   *[other] { $name }
}
