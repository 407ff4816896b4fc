# Why mailbox data is not used.
gap-premium = Premium features are not enabled.
gap-enabled = Relationship intelligence is not enabled yet.
gap-mailbox = Mailbox data is switched off.
gap-roles = No security role is selected: nobody’s mailbox is used.
gap-consent-missing = Consent to mailbox data is missing.
gap-consent-pending = Consent to mailbox data is asked for and not given yet.
gap-consent-expired = Consent to mailbox data was not given in time.
gap-consent-declined = Consent to mailbox data was declined.
gap-consent-revoked = Consent to mailbox data was withdrawn.
overview-on-nothing = Relationship intelligence is enabled, and all its features are off
