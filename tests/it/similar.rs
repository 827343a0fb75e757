use crate::shipped_desktop;
use youlu::index::similar::*;
use std::time::Instant;
use uuid::Uuid;

#[test]
fn explore() {
    let desktop = shipped_desktop();
    let t = Instant::now();
    let s = SimilarTickets::new(&desktop.index).unwrap();
    println!("new {:?}", t.elapsed());
    let day = |d: &str| d.parse::<chrono::NaiveDate>().unwrap();
    let texts: Vec<String> = desktop.rulebook.texts.iter().map(|t| t.text.clone()).collect();
    let early: Vec<Earlier> = texts.iter().map(|t| Earlier { id: Uuid::now_v7(), organisation: "a".into(), text: t.clone(), item: None, cause: None, department: None, received_on: day("2026-03-01") }).collect();
    let t = Instant::now();
    s.put_all(&early).unwrap();
    println!("put_all {} {:?}", early.len(), t.elapsed());
    let probe = |t: &str| Probe { organisation: "a".into(), text: t.into(), item: None, cause: None, department: None, received_on: day("2026-03-01"), since: day("2025-03-01") };
    let t = Instant::now();
    s.find(&probe("你好"), 10).unwrap();
    println!("commit {:?}", t.elapsed());
    let t = Instant::now();
    for i in 0..200 { s.find(&probe(&texts[i]), 10).unwrap(); }
    println!("200 finds {:?}", t.elapsed());
    let t = Instant::now();
    for i in 0..100 { s.put(&early[i]).unwrap(); s.find(&probe(&texts[i]), 10).unwrap(); }
    println!("100 put+finds {:?}", t.elapsed());
    let mut others = 0;
    for (i, text) in texts.iter().enumerate().step_by(3) {
        for one in s.find(&probe(text), 5).unwrap() {
            if one.id != early[i].id {
                let j = early.iter().position(|e| e.id == one.id).unwrap();
                others += 1;
                println!("{} | {} | {}", one.text_likeness, text.replace('\n', " "), texts[j].replace('\n', " "));
            } else if one.text_likeness < 90 { println!("SELF {} {}", one.text_likeness, text); }
        }
    }
    println!("others {others}");
    let pairs = [
        ("我在东区盘了间面馆，食品经营许可证跑了三回，窗口非要房东的房产证原件，房东在成都来不了，复印件加他签字都不认", "开奶茶店要办食品证，租的门面，房东人在国外，窗口说没有产权证原件不收"),
        ("我在东区盘了间面馆，食品经营许可证跑了三回，窗口非要房东的房产证原件，房东在成都来不了，复印件加他签字都不认", "面馆办食品经营许可证跑了三回了，窗口还是非要房东的房产证原件，房东在成都回不来，签字的复印件不认"),
        ("我在东区盘了间面馆，食品经营许可证跑了三回，窗口非要房东的房产证原件，房东在成都来不了，复印件加他签字都不认", "您好，我姓李，昨天来过。办食品经营许可，窗口要房东房产证的原件，可是房东在成都，我只有他签了字的复印件，窗口不认，怎么办？谢谢"),
        ("户口从盐边迁到仁和，残疾人补贴两边都说不归自己管，断了四个月", "我残疾补贴断了，迁户口到仁和以后，盐边说不管，仁和也说不管"),
        ("您好，麻烦问一下，谢谢你们，辛苦了", "你好，请问一下，麻烦你们了，辛苦了，谢谢"),
        ("您好，麻烦问一下，谢谢你们，辛苦了", "您好，麻烦问一下，谢谢你们，辛苦了"),
        ("您好，请问这件事怎么办，我跑了好几趟都没办成，麻烦你们帮帮忙，谢谢", "您好，请问我的事怎么办，我跑了好几趟都没有办成，麻烦你们帮帮忙，谢谢了"),
        ("刚才窗口说系统坏了，让我明天再来", "窗口说系统坏了喊我明天再来"),
        ("系统崩了办不了不动产登记，等了一上午", "不动产登记的系统又崩了，白等一上午"),
        ("孩子上户口要亲子鉴定", "给娃儿上户口，派出所要我做亲子鉴定"),
    ];
    for (a, b) in pairs {
        let s = SimilarTickets::new(&desktop.index).unwrap();
        s.put(&Earlier { text: a.into(), department: Some("x".into()), cause: Some("x".into()), item: Some("x".into()), ..early[0].clone() }).unwrap();
        println!("{:?} {a} / {b}", s.find(&Probe { item: Some("x".into()), cause: Some("x".into()),  ..probe(b) }, 1).unwrap().iter().map(|s| s.text_likeness).collect::<Vec<_>>());
    }
}
