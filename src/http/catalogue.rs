//! What the rulebook knows, for whoever builds on it: the routes, the policies, the vocabulary, and what is loaded.

use super::decision::{OptionView, options, short};
use super::problem::Problem;
use super::query::NoQuery;
use super::{Api, now, openapi};
use crate::engine::policy::{Clause, Policy};
use crate::engine::regions::Region;
use crate::engine::rulebook::{Group, Route, Rulebook};
use crate::engine::vocabulary::{FactIx, Item, Material, Vocabulary};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use chrono::{NaiveDate, SecondsFormat};
use serde::Serialize;
use utoipa::ToSchema;

/// 出路目录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RouteCatalogue)]
pub(super) struct RoutesView {
    /// 出路，按方案的先后
    items: Vec<RouteView>,
    /// 出路所属的几组
    groups: Vec<GroupView>,
}

/// 一条出路
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Route)]
struct RouteView {
    /// 代码
    #[schema(example = "tolerant-acceptance.general")]
    id: String,
    /// 名称
    zh: String,
    /// 所属的组
    group: String,
    /// 方案里的先后
    order: u32,
    /// 出处
    source: String,
    /// 做什么
    does: String,
    /// 有几条规则通向它
    rules: usize,
}

/// 一组出路
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RouteGroup)]
struct GroupView {
    /// 代码
    id: String,
    /// 名称
    zh: String,
    /// 先后
    order: u32,
}

/// 政策文件目录
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyCatalogue)]
pub(super) struct PoliciesView {
    /// 政策文件
    items: Vec<PolicyView>,
}

/// 一份政策文件
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Policy)]
struct PolicyView {
    /// 代码
    id: String,
    /// 标题
    title: String,
    /// 文号；不知道时为空
    number: Option<String>,
    /// 发文机关
    issuer: String,
    /// 印发日
    issued: Option<NaiveDate>,
    /// 施行日
    from: Option<NaiveDate>,
    /// 最后有效的一天
    until: Option<NaiveDate>,
    /// 适用的地方
    region: String,
    /// 今天的状态：in-force 有效，needs-local-text 原文或清单未得，expired 已到期
    #[schema(value_type = String, example = "in-force")]
    status: &'static str,
    /// 本系统有没有它的原文
    text_held: bool,
    /// 条款大意
    clauses: Vec<ClauseView>,
    /// 说明
    note: Option<String>,
}

/// 一条条款
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Clause)]
struct ClauseView {
    /// 条款号
    id: String,
    /// 大意
    says: String,
}

/// 词汇表
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Vocabulary)]
pub(super) struct VocabularyView {
    /// 规则能说到的事实
    facts: Vec<FactDefView>,
    /// 事项
    items: Vec<ItemView>,
    /// 材料
    materials: Vec<MaterialView>,
    /// 地方
    regions: Vec<RegionView>,
}

/// 一个事实的定义
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FactDefinition)]
pub(super) struct FactDefView {
    /// 代码，facts 里用的就是它
    id: String,
    /// 名称
    zh: String,
    /// 类型
    #[schema(value_type = String, example = "choice")]
    kind: &'static str,
    /// 问法
    ask: String,
    /// 别名，facts 里也认
    aliases: Vec<String>,
    /// 单位
    unit: Option<String>,
    /// 最小值
    minimum: Option<f64>,
    /// 最大值
    maximum: Option<f64>,
    /// 可用的取值；没有就是自由填写
    options: Vec<OptionView>,
}

/// 一个事项
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Item)]
struct ItemView {
    /// 代码
    id: String,
    /// 名称
    zh: String,
    /// 办理部门
    department: Option<String>,
    /// 标签
    tags: Vec<String>,
}

/// 一种材料
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Material)]
struct MaterialView {
    /// 代码
    id: String,
    /// 名称
    zh: String,
    /// 种类
    #[schema(value_type = String, example = "minor")]
    kind: &'static str,
}

/// 一个地方
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Region)]
struct RegionView {
    /// 行政区划代码
    code: String,
    /// 名称
    zh: String,
    /// 属于哪里
    parent: Option<String>,
    /// 是不是本市管的地方
    ours: bool,
}

/// 正在使用的规则库
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rulebook)]
pub(super) struct RulebookView {
    /// 版本（SHA-256 的前 12 位）
    rulebook: String,
    /// 全部文件的 SHA-256
    hash: String,
    /// 装好的时刻（+08:00）
    #[schema(format = DateTime, example = "2026-11-20T08:30:00+08:00")]
    loaded_at: String,
    /// 工作日历的版本
    calendar_version: String,
    /// 各有多少
    counts: CountsView,
}

/// 各有多少
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulebookCounts)]
struct CountsView {
    /// 规则
    rules: usize,
    /// 出路
    routes: usize,
    /// 政策文件
    policies: usize,
    /// 参数
    parameters: usize,
    /// 事实
    facts: usize,
    /// 事项
    items: usize,
    /// 材料
    materials: usize,
    /// 地方
    regions: usize,
    /// 教例
    texts: usize,
}

/// 列出出路
#[utoipa::path(
    get, path = "/v1/routes", tag = "规则库", operation_id = "listRoutes",
    responses((status = 200, description = "出路目录", body = RoutesView), openapi::WithQuery),
)]
pub(super) async fn routes(api: Data<Api>, _: NoQuery) -> Result<Json<RoutesView>, Problem> {
    let running = api.desk.running();
    let rulebook = &running.desktop.rulebook;
    let items = (0..).zip(&rulebook.routes).map(|(position, route)| RouteView::of(rulebook, position, route));
    Ok(Json(RoutesView { items: items.collect(), groups: rulebook.groups.iter().map(GroupView::from).collect() }))
}

/// 列出政策文件
#[utoipa::path(
    get, path = "/v1/policies", tag = "规则库", operation_id = "listPolicies",
    responses((status = 200, description = "政策文件目录", body = PoliciesView), openapi::WithQuery),
)]
pub(super) async fn policies(api: Data<Api>, _: NoQuery) -> Result<Json<PoliciesView>, Problem> {
    let today = now().date_naive();
    let running = api.desk.running();
    let policies = &running.desktop.rulebook.policies;
    Ok(Json(PoliciesView { items: policies.iter().map(|policy| PolicyView::of(policy, today)).collect() }))
}

/// 查看词汇表
#[utoipa::path(
    get, path = "/v1/vocabulary", tag = "规则库", operation_id = "getVocabulary",
    responses((status = 200, description = "词汇表", body = VocabularyView), openapi::WithQuery),
)]
pub(super) async fn vocabulary(api: Data<Api>, _: NoQuery) -> Result<Json<VocabularyView>, Problem> {
    let running = api.desk.running();
    let rulebook = &running.desktop.rulebook;
    let Vocabulary { facts, items, materials, regions, .. } = &rulebook.vocabulary;
    Ok(Json(VocabularyView {
        facts: (0..).map(FactIx).take(facts.len()).map(|ix| FactDefView::of(rulebook, ix)).collect(),
        items: items.iter().map(ItemView::from).collect(),
        materials: materials.iter().map(MaterialView::from).collect(),
        regions: regions.all().iter().map(RegionView::from).collect(),
    }))
}

/// 查看一个事实
#[utoipa::path(
    get, path = "/v1/vocabulary/{fact}", tag = "规则库", operation_id = "getFact",
    params(("fact" = String, Path, description = "事实的代码", example = "missing_materials")),
    responses((status = 200, description = "事实的定义", body = FactDefView), openapi::WithQuery),
)]
pub(super) async fn fact(api: Data<Api>, request: HttpRequest, _: NoQuery) -> Result<Json<FactDefView>, Problem> {
    let running = api.desk.running();
    let rulebook = &running.desktop.rulebook;
    let id = request.match_info().get("fact").unwrap_or_default();
    let ix = rulebook.vocabulary.find(id).ok_or_else(super::problem::no_such_place)?;
    Ok(Json(FactDefView::of(rulebook, ix)))
}

/// 查看正在使用的规则库
#[utoipa::path(
    get, path = "/v1/rulebook", tag = "规则库", operation_id = "getRulebook",
    responses((status = 200, description = "规则库", body = RulebookView), openapi::WithQuery),
)]
pub(super) async fn rulebook(api: Data<Api>, _: NoQuery) -> Result<Json<RulebookView>, Problem> {
    let running = api.desk.running();
    let desktop = &running.desktop;
    Ok(Json(RulebookView {
        rulebook: short(&desktop.rulebook.hash),
        hash: desktop.rulebook.hash.clone(),
        loaded_at: running.loaded_at.to_rfc3339_opts(SecondsFormat::Secs, false),
        calendar_version: desktop.calendar.version().to_owned(),
        counts: CountsView::from(&desktop.rulebook),
    }))
}

impl RouteView {
    fn of(rulebook: &Rulebook, position: usize, route: &Route) -> Self {
        RouteView {
            id: route.id.clone(),
            zh: route.zh.clone(),
            group: route.group.clone(),
            order: route.order,
            source: route.source.clone(),
            does: route.does.clone(),
            rules: rulebook.rules.iter().filter(|rule| rule.base == position).count(),
        }
    }
}

impl From<&Group> for GroupView {
    fn from(group: &Group) -> Self {
        GroupView { id: group.id.clone(), zh: group.zh.clone(), order: group.order }
    }
}

impl PolicyView {
    fn of(policy: &Policy, today: NaiveDate) -> Self {
        PolicyView {
            id: policy.id.clone(),
            title: policy.title.clone(),
            number: policy.number.clone(),
            issuer: policy.issuer.clone(),
            issued: policy.issued,
            from: policy.from,
            until: policy.until,
            region: policy.region.clone(),
            status: policy.status_on(today).as_str(),
            text_held: policy.text_held,
            clauses: policy.clauses.iter().map(ClauseView::from).collect(),
            note: policy.note.clone(),
        }
    }
}

impl From<&Clause> for ClauseView {
    fn from(clause: &Clause) -> Self {
        ClauseView { id: clause.id.clone(), says: clause.says.clone() }
    }
}

impl FactDefView {
    fn of(rulebook: &Rulebook, ix: FactIx) -> Self {
        let def = rulebook.vocabulary.def(ix);
        FactDefView {
            id: def.id.clone(),
            zh: def.zh.clone(),
            kind: def.kind.as_str(),
            ask: def.ask.clone(),
            aliases: def.aliases.clone(),
            unit: def.unit.clone(),
            minimum: def.range.map(|(low, _)| low),
            maximum: def.range.map(|(_, high)| high),
            options: options(rulebook, ix),
        }
    }
}

impl From<&Item> for ItemView {
    fn from(item: &Item) -> Self {
        ItemView {
            id: item.id.clone(),
            zh: item.zh.clone(),
            department: item.department.clone(),
            tags: item.tags.clone(),
        }
    }
}

impl From<&Material> for MaterialView {
    fn from(material: &Material) -> Self {
        MaterialView { id: material.id.clone(), zh: material.zh.clone(), kind: material.kind.as_str() }
    }
}

impl From<&Region> for RegionView {
    fn from(region: &Region) -> Self {
        RegionView {
            code: region.code.clone(),
            zh: region.zh.clone(),
            parent: region.parent.clone(),
            ours: region.ours,
        }
    }
}

impl From<&Rulebook> for CountsView {
    fn from(rulebook: &Rulebook) -> Self {
        CountsView {
            rules: rulebook.rules.len(),
            routes: rulebook.routes.len(),
            policies: rulebook.policies.len(),
            parameters: rulebook.parameters.len(),
            facts: rulebook.vocabulary.facts.len(),
            items: rulebook.vocabulary.items.len(),
            materials: rulebook.vocabulary.materials.len(),
            regions: rulebook.vocabulary.regions.all().len(),
            texts: rulebook.texts.len(),
        }
    }
}
