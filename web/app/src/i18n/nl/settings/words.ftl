# Wat de server in codes zegt.
excluded-private-anybody = Het is met een privécontact van de eigenaar van het postvak.
excluded-opted-out-anybody = De eigenaar van het postvak heeft zich afgemeld.
excluded-role-anybody = De eigenaar van het postvak heeft geen van de gekozen beveiligingsrollen.
excluded-group-anybody = De eigenaar van het postvak zit in een beveiligingsgroep die erbuiten blijft.
excluded-geography-anybody = Het postvak ligt waar het beleid niet toestaat het te gebruiken.
requests-outcome = records: { $records }, interacties: { $interactions }
requests-outcome-addresses = adressen: { $addresses }, records: { $records }, interacties: { $interactions }
requests-outcome-erased = gewist
