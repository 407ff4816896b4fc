//! Capture, from real mail servers and fakes of Microsoft Graph and of an Exchange server: what it keeps is what the file import of the same mail keeps, however it is
//! interrupted, and only of mailboxes that may be read.

mod cyrus;
mod exchange;
mod graph;
mod imap;
mod office;
