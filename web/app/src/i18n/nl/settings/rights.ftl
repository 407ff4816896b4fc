# Wie mag wijzigen wat iemand alleen kan lezen.
may-configure = Alleen een beheerder kan dit wijzigen.
may-customize = Alleen een aanpasser of beheerder kan dit wijzigen.
may-consent = Alleen de tenantbeheerder of een privacybeheerder kan dit beantwoorden of wijzigen.
may-users = Alleen wie gebruikers beheert, kan ze importeren: een bestand met gebruikers geeft rechten.
form-remove-sure = { $application }, tabblad { $tab } verwijderen? Het wordt weer geregistreerd zodra het onze widgets toont.
form-remove-do = Verwijderen
upload-consent-elsewhere = Toestemming voor postvakgegevens ontbreekt. De tenantbeheerder of een privacybeheerder geeft die:
geography-declared = Opgegeven is: { $place }.
