# Overal zoeken.
search-label = Records, personen en adressen zoeken
search-placeholder = Zoeken ( / )
search-user = Gebruiker
search-person = Persoon
search-nothing = Niets heet “{ $text }”
