//! Amounts, rates and day counts that differ by place and year. A value nobody has filled in stays unset:
//! a rule that needs it can then never be better than `needs-confirmation`.

use super::regions::{Region, Regions};
use chrono::NaiveDate;

/// One amount, rate or day count.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub id: String,
    pub zh: String,
    pub unit: String,
    pub values: Vec<DatedValue>,
}

/// The parameter's value in one place over one span of days; `value` is `None` where it is not known.
#[derive(Debug, Clone)]
pub struct DatedValue {
    pub region: String,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub value: Option<f64>,
    pub source: String,
    pub note: Option<String>,
}

impl Parameter {
    /// The value in force in `region` on `on`: the nearest place that has one, the latest start first.
    pub fn value(&self, regions: &Regions, region: &str, on: NaiveDate) -> Option<f64> {
        // A nearer place that says "not known" is not answered with a wider place's figure.
        self.in_force(regions, region, on).and_then(|v| v.value)
    }

    /// The same for what must never lapse, such as a limit: where the last figure has ended and nobody has written the
    /// next, it goes on.
    pub fn standing_value(&self, regions: &Regions, region: &str, on: NaiveDate) -> Option<f64> {
        let ended = |v: &&DatedValue| v.value.is_some() && v.until.is_some_and(|until| until < on);
        let last = |place: &Region| {
            self.values.iter().filter(|v| v.region == place.code).filter(ended).max_by_key(|v| v.until)
        };
        match self.in_force(regions, region, on) {
            Some(value) => value.value,
            None => regions.chain(region).find_map(last).and_then(|v| v.value),
        }
    }

    /// The line in force: that of the nearest place that has one, the latest start first.
    fn in_force(&self, regions: &Regions, region: &str, on: NaiveDate) -> Option<&DatedValue> {
        regions.chain(region).find_map(|place| {
            self.values
                .iter()
                .filter(|v| v.region == place.code && v.from <= on && v.until.is_none_or(|u| on <= u))
                .max_by_key(|v| v.from)
        })
    }
}
