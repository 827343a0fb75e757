//! The pages in a real browser: Debian's Chromium without a screen, driven over WebDriver. Where there is none, each test says
//! so and passes, unless `YOULU_TEST_ALL=1` asks for everything.

mod intake;

mod board;

mod looks;

mod papers;

mod rules;

mod tickets;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

/// How long something on a page may take to come about.
const PATIENCE: Duration = Duration::from_secs(20);

/// One browser at a time is as many as two processors bear beside the other tests.
static ONE: Mutex<()> = Mutex::const_new(());

/// A browser with an empty profile and the driver that moves it.
pub(crate) struct Browser {
    pub(crate) client: Client,
    driver: Child,
    /// Where the driver answers.
    port: u16,
    _alone: MutexGuard<'static, ()>,
}

impl Browser {
    /// A browser of that size; none where Chromium or its driver is not installed.
    pub(crate) async fn open(width: u32, height: u32) -> Option<Self> {
        let alone = ONE.lock().await;
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let Ok(mut driver) = driver else {
            assert!(std::env::var_os("YOULU_TEST_ALL").is_none(), "no chromedriver on the path");
            println!("skipped: no chromedriver on the path (Debian: chromium-driver)");
            return None;
        };
        let said = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port: Option<u16> = said.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let port = port.expect("chromedriver tells its port");
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=zh-CN", format!("--window-size={width},{height}")],
        });
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("chromium starts");
        Some(Browser { client, driver, port, _alone: alone })
    }

    pub(crate) async fn close(self) {
        self.client.clone().close().await.unwrap();
    }

    /// Asks again and again until the expression is true; its value. A page that is just being left answers nothing.
    pub(crate) async fn until(&self, what: &str) -> Value {
        let script = format!("try {{ return ({what}); }} catch (error) {{ return null; }}");
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let value = self.client.execute(&script, Vec::new()).await.unwrap_or_default();
            if !matches!(value, Value::Null | Value::Bool(false)) && value != "" {
                return value;
            }
        }
        panic!("never: {what} — {}", self.text("body").await);
    }

    /// A command of the browser's own protocol, for what WebDriver has no word for.
    pub(crate) async fn command(&self, name: &str, parameters: &Value) -> Value {
        let session = self.client.session_id().await.unwrap().unwrap();
        let address = format!("http://127.0.0.1:{}/session/{session}/goog/cdp/execute", self.port);
        let body = json!({"cmd": name, "params": parameters}).to_string();
        let mut answer = ureq::post(&address).content_type("application/json").send(body).unwrap();
        serde_json::from_str::<Value>(&answer.body_mut().read_to_string().unwrap()).unwrap()["value"].clone()
    }

    /// A window of that size, in light or dark colours.
    pub(crate) async fn seen(&self, width: u32, height: u32, colours: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", &size).await;
        let wanted = json!({"features": [{"name": "prefers-color-scheme", "value": colours}]});
        self.command("Emulation.setEmulatedMedia", &wanted).await;
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        self.client.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    /// Keys as they are pressed, wherever the focus is.
    pub(crate) async fn press(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// A key while others are held.
    pub(crate) async fn chord(&self, held: Key, key: &str) {
        let keys: String = [char::from(held).to_string(), key.to_owned(), char::from(Key::Null).to_string()].concat();
        self.press(&keys).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver leads a group of its own, so that no browser outlives a test that failed.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.driver.wait();
    }
}

/// A test in a browser; nothing where there is none.
macro_rules! in_browser {
    ($name:ident, $width:literal x $height:literal, |$browser:ident| $body:block) => {
        #[tokio::test]
        async fn $name() {
            let Some($browser) = $crate::browser::Browser::open($width, $height).await else { return };
            $body
            $browser.close().await;
        }
    };
}
pub(crate) use in_browser;
