# Security roles.
roles-text = Rights add up: whoever has several roles may do what any of them allows. Who has which role is set under Users. Those that come with the product stay as they are.
role-name = Role
role-reads = Reads records
role-writes = Writes records
role-tasks = Tasks
role-users = Users
role-built-in = Built in
role-custom = Made here
role-undefined = Nobody defined it: allows nothing
role-define = Define
role-define-named = Define { $name }
role-new = Make a role
role-edit = Edit { $name }
role-taken = There is a role of this name already.
role-depth-none = None
role-depth-user = Their own, and shared ones
role-depth-team = Their team’s
role-depth-business-unit = Their business unit’s
role-depth-organization = All
role-depth-hint = Each contains those before it; a business unit also those beneath it.
role-writes-hint = Never farther than it reads: nobody writes what they do not see. To allow more, let it read more first.
role-task-configure = Enable features, all settings, imports
role-task-customize = Options of features, forms and widgets
role-task-manage-users = Users, roles, sign-in
role-task-consent = Consent and excluded groups
role-task-privacy = Requests of people, access log, works council mode
role-task-audit = Audit log
role-saved = { $name } is saved. It holds at once for whoever has it.
role-deleted = { $name } is deleted.
role-delete = Delete this role
role-delete-users = { $count ->
    [one] One user has this role and loses at once what it allows. Its name stays with them, and allows nothing.
   *[other] { $users } users have this role and lose at once what it allows. Its name stays with them, and allows nothing.
}
role-delete-nobody = No user has it.
role-delete-sure = I want this role to be deleted
role-delete-do = Delete { $name }
