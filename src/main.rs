//! Read the command line, run one command.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    youlu::cli::run(youlu::cli::Cli::parse())
}
