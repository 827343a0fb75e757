//! What the editor puts in when somebody starts a new rule, fact, policy, value or example.

use super::shapes::{self, Shape};

/// Text to put in, for one shape. `${1:…}` are the places to fill in, in the editor's own notation.
#[derive(Debug)]
pub(super) struct Snippet {
    pub shape: &'static Shape,
    pub label: &'static str,
    /// YAML whose texts are put in as they stand: a quote that should be seen is written twice.
    pub body: &'static str,
}

pub(super) static SNIPPETS: [Snippet; 6] = [
    Snippet {
        shape: &shapes::RULE,
        label: "新规则",
        body: r#"
id: ${1:出路的 id}.${2:英文短名}
route: ${1:出路的 id}
title: ${3:什么情形走这条路，一句话}
policy:
  - id: ${4:政策文件的 id}
    clause: ${5:unknown}
applies:
  region: '"${6:510400}"'
  from: '"${7:2026-01-01}"'
consider:
  facts: ['${8:事实的 id}']
  cues: ['${9:大家会说的词}']
require:
  - '${8:事实的 id}': 'yes'
gives:
  do: ${10:怎么办}
say: ${11:可以对群众说的话}
examples:
  - text: ${12:走得通或待确认的一段话}
    verdict: needs-confirmation
  - text: ${13:走不通或想不到的一段话}
    verdict: not-considered
"#,
    },
    Snippet {
        shape: &shapes::FACT,
        label: "新事实（是、不是）",
        body: r#"
id: ${1:英文加下划线}
zh: ${2:窗口看到的名字}
type: yes-no
ask: ${3:不知道时问的话？}
cues: ['${4:听到就算“是”的词}']
denies: ['${5:听到就算“不是”的词}']
"#,
    },
    Snippet {
        shape: &shapes::FACT,
        label: "新事实（几个里选一个）",
        body: r#"
id: ${1:英文加下划线}
zh: ${2:窗口看到的名字}
type: choice
values:
  '${3:值}': ${4:中文名}
  '${5:另一个值}': ${6:中文名}
ask: ${7:不知道时问的话？}
cues:
  '${3:值}': ['${8:大家会说的词}']
  '${5:另一个值}': ['${9:大家会说的词}']
"#,
    },
    Snippet {
        shape: &shapes::POLICY,
        label: "新政策文件",
        body: r#"
id: ${1:英文加横线}
title: ${2:文件全名}
number: ${3:unknown}
issuer: ${4:发文机关}
issued: '"${5:2026-01-01}"'
from: '"${6:2026-02-01}"'
region: '"${7:510400}"'
status: ${8|in-force,needs-local-text,expired|}
text_held: '${9|yes,no|}'
clauses:
  - id: ${10:第几条}
    says: ${11:用自己的话写一句大意}
"#,
    },
    Snippet {
        shape: &shapes::DATED_VALUE,
        label: "参数的新一行",
        body: r#"
region: '"${1:510400}"'
from: '"${2:2026-01-01}"'
value: ${3:0}
source: ${4:凭哪份文件}
"#,
    },
    Snippet {
        shape: &shapes::EXAMPLE,
        label: "新例子",
        body: r#"
text: ${1:群众会说的一段话}
verdict: ${2|applicable,needs-confirmation,ruled-out,not-considered|}
"#,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulefiles::format::{self, Yaml};
    use crate::rulefiles::problem::Problems;

    #[test]
    fn every_snippet_is_of_its_shape_and_has_what_is_needed() {
        for snippet in &SNIPPETS {
            let mut problems = Problems::default();
            let body = format::parse(&snippet.label.into(), snippet.body.as_bytes(), &mut problems).unwrap();
            assert!(problems.no_errors(), "{}: {:?}", snippet.label, problems.sorted());
            let Yaml::Map(entries) = &body.value else { panic!("{} is no map", snippet.label) };
            for (key, _) in entries {
                assert!(snippet.shape.keys.iter().any(|k| k.name == key.text), "{}: {}", snippet.label, key.text);
            }
            for key in snippet.shape.keys.iter().filter(|k| k.needed) {
                assert!(entries.iter().any(|(k, _)| k.text == key.name), "{} lacks {}", snippet.label, key.name);
            }
        }
    }
}
