# Who may change what somebody can only read.
may-configure = Only an administrator can change this.
may-customize = Only a customizer or administrator can change this.
may-consent = Only your tenant administrator or a Privacy Administrator can answer or change this.
may-users = Only whoever manages users can import them: a file of users gives rights.
form-remove-sure = Remove { $application }, tab { $tab }? It is registered again as soon as it shows our widgets.
form-remove-do = Remove it
upload-consent-elsewhere = Consent to mailbox data is missing. Your tenant administrator or a Privacy Administrator gives it:
geography-declared = It was declared: { $place }.
