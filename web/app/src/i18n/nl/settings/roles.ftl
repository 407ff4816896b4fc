# Beveiligingsrollen.
roles-text = Rechten tellen op: wie meer rollen heeft, mag wat een daarvan toestaat. Wie welke rol heeft, staat bij Gebruikers. Rollen die bij het product horen, blijven zoals ze zijn.
role-name = Rol
role-reads = Leest records
role-writes = Schrijft records
role-tasks = Taken
role-users = Gebruikers
role-built-in = Ingebouwd
role-custom = Hier gemaakt
role-undefined = Door niemand bepaald: staat niets toe
role-define = Bepalen
role-define-named = { $name } bepalen
role-new = Een rol maken
role-edit = { $name } bewerken
role-taken = Er is al een rol met deze naam.
role-depth-none = Geen
role-depth-user = Eigen en gedeelde
role-depth-team = Die van het eigen team
role-depth-business-unit = Die van de eigen bedrijfseenheid
role-depth-organization = Alle
role-depth-hint = Elk omvat die ervoor; een bedrijfseenheid ook die eronder.
role-writes-hint = Nooit verder dan gelezen wordt: niemand schrijft wat niet te zien is. Wie meer wil toestaan, laat eerst meer lezen.
role-task-configure = Functies inschakelen, alle instellingen, importen
role-task-customize = Opties van functies, formulieren en widgets
role-task-manage-users = Gebruikers, rollen, inloggen
role-task-consent = Toestemming en uitgesloten groepen
role-task-privacy = Verzoeken van mensen, inzagelogboek, ondernemingsraadmodus
role-task-audit = Auditlogboek
role-saved = { $name } is opgeslagen. Het geldt meteen voor wie de rol heeft.
role-deleted = { $name } is verwijderd.
role-delete = Deze rol verwijderen
role-delete-users = { $count ->
    [one] Eén gebruiker heeft deze rol en verliest meteen wat ze toestaat. De naam blijft bij die gebruiker staan, en staat niets toe.
   *[other] { $users } gebruikers hebben deze rol en verliezen meteen wat ze toestaat. De naam blijft bij hen staan, en staat niets toe.
}
role-delete-nobody = Geen gebruiker heeft deze rol.
role-delete-sure = Ik wil dat deze rol wordt verwijderd
role-delete-do = { $name } verwijderen
