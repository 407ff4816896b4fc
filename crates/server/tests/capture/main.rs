//! Capture, from real mail servers and a fake Microsoft Graph: what it keeps is what the file import of the same mail keeps, however it is
//! interrupted, and only of mailboxes that may be read.

mod cyrus;
mod graph;
mod imap;
mod office;
