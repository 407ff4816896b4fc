# Waarvoor toestemming wordt gevraagd, regel voor regel.
consent-who-text = { $organization }: de beheerder die relatie-informatie daar heeft ingeschakeld en opgeslagen
consent-permissions = Precieze machtigingen
consent-permissions-text = Microsoft 365: { $permissions }; waar gebruikers daar ook vandaan komen, ook { $users }; worden berichttraceringen in plaats van postvakken gelezen, dan ExchangeMessageTrace.Read.All in plaats van de eerste twee. Andere bronnen: wat de beheerder daarvan instelt.
consent-excluded-count = { $count ->
    [0] Geen
    [one] Eén groep
   *[other] { $count } groepen
}
consent-deadline = Uiterste moment
consent-deadline-none = Er loopt nu geen termijn
