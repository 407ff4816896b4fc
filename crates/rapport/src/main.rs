//! The binary: commands, no logic. Data on stdout, logs and progress on stderr; exit 0, 1 (failed, with `hint:`) or 2 (usage).

mod accounts;
mod arguments;
mod commands;
mod connectors;
mod evaluation;
mod output;

use std::{fmt::Write as _, io::Write, process::ExitCode};

use clap::Parser;
use rapport_server::AppError;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// File size limit exceeded, on Linux.
const SIGXFSZ: i32 = 25;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_new(arguments.log.as_deref().unwrap_or("warn"))
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&AppError::invalid(format!("cannot start threads: {error}"))),
    };
    // A limit on file sizes (`ulimit -f`) raises SIGXFSZ, which kills by default; listened to, the write fails instead and is told.
    let entered = runtime.enter();
    let _file_size_limit = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(SIGXFSZ));
    drop(entered);
    // Folds of a whole organization keep their futures on the heap: the stack of a small machine is not theirs.
    match runtime.block_on(Box::pin(commands::run(arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

fn report(error: &AppError) -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    let mut text = format!("error: {error}\n");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        _ = writeln!(text, "  caused by: {cause}");
        source = cause.source();
    }
    _ = writeln!(text, "hint: {}", error.hint().unwrap_or_else(|| general_hint(error)));
    // Nobody is left to tell when stderr is gone.
    _ = stderr.write_all(text.as_bytes());
    ExitCode::FAILURE
}

/// What to do where the error itself does not know better.
fn general_hint(error: &AppError) -> &'static str {
    if error.is_missing() {
        "check the name for typing errors, and that --data and --org say which store and organization you mean"
    } else if error.is_invalid() || error.is_refused() {
        "correct what the message names and run the command again; `rapport help` and `--help` show what each command takes"
    } else {
        "`rapport doctor` checks the store"
    }
}
