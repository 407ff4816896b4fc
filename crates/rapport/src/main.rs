//! The binary: commands, no logic. Data on stdout, logs and progress on stderr; exit 0, 1 (failed, with `hint:`) or 2 (usage).

mod arguments;
mod commands;
mod output;

use std::{fmt::Write as _, io::Write, process::ExitCode};

use clap::Parser;
use rapport_server::AppError;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_new(arguments.log.as_deref().unwrap_or("warn"))
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&AppError::invalid(format!("cannot start threads: {error}"))),
    };
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
    if let Some(hint) = error.hint() {
        _ = writeln!(text, "hint: {hint}");
    }
    // Nobody is left to tell when stderr is gone.
    _ = stderr.write_all(text.as_bytes());
    ExitCode::FAILURE
}
