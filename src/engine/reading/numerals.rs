//! Numbers as people say and write them: 两年三个月, 三万二, 18万余元, 百分之六.

/// One number in digits or Chinese numerals, as a regex.
pub const NUMBER: &str = "(?:[0-9]+(?:\\.[0-9]+)?|[零〇一二两三四五六七八九十百千]+(?:点[零〇一二三四五六七八九]+)?)";

/// What each placeholder of a cue stands for, as a regex with one group.
pub fn placeholder(name: &str) -> Option<String> {
    let n = NUMBER;
    Some(match name {
        "n" => format!("({n}[万千百]?)[多余来几]?"),
        // A bare small number is no amount: 差一张 is not one yuan.
        "money" => format!(
            "({n}[多余来几]?(?:[万千百亿]{n}?)+|[一二两三四五六七八九十]+[百千万]{n}?|[0-9]{{3,}}(?:\\.[0-9]+)?|{n}[多余来几]?(?:元|块))[多余来几]?(?:元|块)?"
        ),
        "months" => format!("({n}(?:周)?年[半多]?[零又]?(?:{n}个?多?月)?|{n}个?[半多]?月|半年|半个月)"),
        "days" => format!("({n}[多余来几]?个?(?:工作日|天|日|周|星期|礼拜|小时|钟头|月)|半天)"),
        "rate" => format!("({n}%|百分之{n}|{n}个百分点|{n}成)"),
        _ => return None,
    })
}

/// A plain number: 35, 三十五, 1.5, 两千, 三万二.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim_matches(['多', '余', '来', '几', '个', '整']);
    if text.is_empty() {
        return None;
    }
    if text.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return text.parse().ok();
    }
    match text.split_once('点') {
        Some((whole, tenths)) => {
            let digits: String = tenths.chars().map(|c| digit(c).map(|d| format!("{d}"))).collect::<Option<_>>()?;
            Some(chinese(whole)? + format!("0.{digits}").parse::<f64>().ok()?)
        }
        None => chinese(text),
    }
}

/// Digits and numerals mixed with units of ten: 18万, 1.2万, 三万二, 一百零五.
fn chinese(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut section = 0.0;
    let mut digits: Option<f64> = None;
    let mut last_unit = 0.0;
    let mut spelled_zero = false;
    let mut latin = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() || c == '.' {
            latin.push(c);
            continue;
        }
        if !latin.is_empty() {
            digits = Some(latin.parse().ok()?);
            latin.clear();
        }
        if let Some(d) = digit(c) {
            // Digits read out one by one: 二〇二六.
            digits = Some(match digits {
                Some(before) if last_unit == 0.0 => before * 10.0 + d,
                _ => d,
            });
            spelled_zero |= d == 0.0;
            continue;
        }
        match c {
            '十' | '百' | '千' => {
                let unit = match c {
                    '十' => 10.0,
                    '百' => 100.0,
                    _ => 1000.0,
                };
                section += digits.take().unwrap_or(1.0) * unit;
                last_unit = unit;
                spelled_zero = false;
            }
            '万' | '亿' => {
                let part = section + digits.take().unwrap_or(0.0);
                let unit = if c == '万' { 1e4 } else { 1e8 };
                total = if c == '万' { total + part * unit } else { (total + part) * unit };
                section = 0.0;
                last_unit = unit;
                spelled_zero = false;
            }
            '半' => section += last_unit.max(1.0) / 2.0,
            '多' | '余' | '来' | '几' | '个' => {}
            _ => return None,
        }
    }
    if !latin.is_empty() {
        digits = Some(latin.parse().ok()?);
    }
    // 三万二 is 32,000 but 三万零二 is 30,002; 十五 is 15.
    let rest = match digits {
        Some(d) if last_unit > 10.0 && !spelled_zero && d < 10.0 => d * last_unit / 10.0,
        Some(d) => d,
        None => 0.0,
    };
    Some(total + section + rest)
}

fn digit(c: char) -> Option<f64> {
    Some(match c {
        '零' | '〇' => 0.0,
        '一' => 1.0,
        '二' | '两' => 2.0,
        '三' => 3.0,
        '四' => 4.0,
        '五' => 5.0,
        '六' => 6.0,
        '七' => 7.0,
        '八' => 8.0,
        '九' => 9.0,
        _ => return None,
    })
}

/// An amount in yuan.
pub fn money(text: &str) -> Option<f64> {
    number(text.trim_end_matches(['元', '块', '钱']))
}

/// A span in months: 两年三个月 is 27, 半年 is 6.
pub fn months(text: &str) -> Option<f64> {
    match text {
        "半年" => return Some(6.0),
        "半个月" => return Some(0.5),
        _ => {}
    }
    let (years, rest) = match text.split_once('年') {
        Some((years, rest)) => (number(years.trim_end_matches('周'))?, rest),
        None => (0.0, text),
    };
    let half = if rest.starts_with('半') { 6.0 } else { 0.0 };
    let rest = rest.trim_start_matches(['半', '多', '零', '又']);
    let months = match rest.strip_suffix('月') {
        Some(m) => {
            let half = if m.ends_with('半') { 0.5 } else { 0.0 };
            number(m.trim_end_matches(['个', '多', '半']))? + half
        }
        None => 0.0,
    };
    Some(years * 12.0 + half + months)
}

/// A span in days: 一周 is 7, 半天 is 0.5; working days count as days.
pub fn days(text: &str) -> Option<f64> {
    if text == "半天" {
        return Some(0.5);
    }
    for (unit, length) in [
        ("工作日", 1.0),
        ("天", 1.0),
        ("日", 1.0),
        ("周", 7.0),
        ("星期", 7.0),
        ("礼拜", 7.0),
        ("月", 30.0),
        ("小时", 1.0 / 24.0),
        ("钟头", 1.0 / 24.0),
    ] {
        if let Some(n) = text.strip_suffix(unit) {
            return number(n.trim_end_matches('个')).map(|n| n * length);
        }
    }
    None
}

/// A share of one: 5%, 百分之六, 三成.
pub fn rate(text: &str) -> Option<f64> {
    if let Some(n) = text.strip_prefix("百分之") {
        return number(n).map(|n| n / 100.0);
    }
    for (unit, part) in [("%", 100.0), ("个百分点", 100.0), ("成", 10.0)] {
        if let Some(n) = text.strip_suffix(unit) {
            return number(n).map(|n| n / part);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_say_them() {
        for (said, meant) in [
            ("35", 35.0),
            ("三十五", 35.0),
            ("十二", 12.0),
            ("四十多", 40.0),
            ("一百零五", 105.0),
            ("两千", 2000.0),
            ("三万二", 32_000.0),
            ("三万零二", 30_002.0),
            ("18万", 180_000.0),
            ("1.2万", 12_000.0),
            ("一千六", 1600.0),
            ("二〇二六", 2026.0),
            ("一万二千", 12_000.0),
            ("十八万", 180_000.0),
            ("五点八", 5.8),
            ("一亿二千万", 120_000_000.0),
        ] {
            assert_eq!(number(said), Some(meant), "{said}");
        }
        assert_eq!(number("很多钱"), None);
    }

    #[test]
    fn spans_and_shares() {
        assert_eq!(months("两年三个月"), Some(27.0));
        assert_eq!(months("11个月"), Some(11.0));
        assert_eq!(months("一年半"), Some(18.0));
        assert_eq!(months("半年"), Some(6.0));
        assert_eq!(months("五年多"), Some(60.0));
        assert_eq!(days("一个星期"), Some(7.0));
        assert_eq!(days("3个工作日"), Some(3.0));
        assert_eq!(rate("5%"), Some(0.05));
        assert_eq!(rate("百分之六"), Some(0.06));
        assert_eq!(money("18万余元"), Some(180_000.0));
        assert_eq!(money("3000块"), Some(3000.0));
    }
}
