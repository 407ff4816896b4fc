# Waarom postvakgegevens niet worden gebruikt.
gap-premium = Premium-functies zijn niet ingeschakeld.
gap-enabled = Relatie-informatie is nog niet ingeschakeld.
gap-mailbox = Postvakgegevens zijn uitgezet.
gap-roles = Er is geen beveiligingsrol gekozen: niemands postvak wordt gebruikt.
gap-consent-missing = Toestemming voor postvakgegevens ontbreekt.
gap-consent-pending = Toestemming voor postvakgegevens is gevraagd en nog niet gegeven.
gap-consent-expired = Toestemming voor postvakgegevens is niet op tijd gegeven.
gap-consent-declined = Toestemming voor postvakgegevens is geweigerd.
gap-consent-revoked = Toestemming voor postvakgegevens is ingetrokken.
overview-on-nothing = Relatie-informatie is ingeschakeld, en alle functies ervan staan uit
