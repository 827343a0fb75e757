//! Settings: defaults, then the environment, then the command line. Nothing else reads the environment, but for the
//! log filter `YOULU_LOG`, which the log itself reads when the server starts.

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the rules and the data are. Shared by every command.
#[derive(Debug, Clone, Args)]
pub struct Places {
    /// 数据目录（工单台账） / folder for the ledger
    #[arg(long, env = "YOULU_DATA", value_name = "DIR", default_value = "data", global = true)]
    pub data: PathBuf,
    /// 规则目录；不写就用程序自带的 / rules folder, default: those shipped in the program
    #[arg(long, env = "YOULU_RULES", value_name = "DIR", global = true)]
    pub rules: Option<PathBuf>,
    /// 政策文件目录；不写就用程序自带的 / policies folder, default: those shipped in the program
    #[arg(long, env = "YOULU_POLICIES", value_name = "DIR", global = true)]
    pub policies: Option<PathBuf>,
    /// 本窗口所在地的行政区划代码 / the window's own place
    #[arg(long, env = "YOULU_REGION", value_name = "CODE", default_value = "510400", global = true)]
    pub region: String,
}

/// Where the server listens.
#[derive(Debug, Clone, Args)]
pub struct Listening {
    /// 监听地址；端口写 0 则自动选一个并打印 / address to listen on; port 0 picks one
    #[arg(long, env = "YOULU_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080", global = true)]
    pub listen: SocketAddr,
}
