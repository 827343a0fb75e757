//! What a field of a move may be, each with its id and the word a clerk knows it by; and the kinds of moves.

use crate::tickets::{named, named_serde};

named_serde! {
    /// What came of a matter.
    Outcome {
        /// The window or department put right what was wrong (整改).
        Rectified = "rectified", "整改";
        /// It was done (解决).
        Solved = "solved", "解决";
        /// It was explained or answered (解释答复).
        Explained = "explained", "解释";
        /// It cannot be done (不能办).
        Cannot = "cannot", "不能办";
        /// Another authority has it now (已转交).
        HandedOver = "handed-over", "转交";
        /// The person took it back (群众撤回).
        Withdrawn = "withdrawn", "群众撤回";
    }
}

named_serde! {
    /// How a person was told or asked.
    Channel {
        /// At the window.
        Window = "window", "当面";
        /// By telephone.
        Phone = "phone", "电话";
        /// By text message.
        Message = "message", "短信";
        /// By letter.
        Letter = "letter", "书面";
        /// At their home.
        Visit = "visit", "上门";
        /// Online.
        Online = "online", "网上";
    }
}

named_serde! {
    /// How satisfied a person is.
    Satisfaction {
        /// Satisfied.
        Satisfied = "satisfied", "满意";
        /// By and large.
        Fair = "fair", "基本满意";
        /// Not satisfied.
        Dissatisfied = "dissatisfied", "不满意";
    }
}

named_serde! {
    /// Which way a transfer goes.
    Direction {
        /// To a higher level.
        Up = "up", "上级";
        /// To a lower level.
        Down = "down", "下级";
        /// To the same level elsewhere.
        Sideways = "sideways", "同级";
        /// Out of the service halls: a court, the petitions office, a company.
        Outside = "outside", "系统外";
    }
}

named_serde! {
    /// Who wants a ticket taken up again.
    AskedBy {
        /// The person.
        Person = "person", "群众";
        /// The window.
        Window = "window", "窗口";
        /// A supervising body.
        Supervisor = "supervisor", "督查";
    }
}

named_serde! {
    /// The four measures of the scheme (二（四）能办尽办).
    Measure {
        /// Notice and commitment instead of a certificate.
        NotifyCommitCertificate = "notify-commit-certificate", "证明事项告知承诺制";
        /// Notice and commitment in construction.
        NotifyCommitConstruction = "notify-commit-construction", "工程建设项目告知承诺制";
        /// Self-declaration of small service businesses.
        SelfDeclaration = "self-declaration", "小微企业自公告";
        /// Acceptance with papers missing.
        TolerantAcceptance = "tolerant-acceptance", "容缺受理";
    }
}

named_serde! {
    /// What became of an offer of help.
    OfferResult {
        /// Offered; the person has not decided.
        Offered = "offered", "已告知";
        /// The person wants it.
        Accepted = "accepted", "愿意申请";
        /// The person does not want it.
        Declined = "declined", "不需要";
        /// They do not qualify.
        NotEligible = "not-eligible", "不符合条件";
    }
}

named_serde! {
    /// How a person took an explanation.
    Reaction {
        /// Understood.
        Understood = "understood", "理解";
        /// Did not accept it.
        NotAccepted = "not-accepted", "不理解";
        /// Refused to sign.
        RefusedToSign = "refused-to-sign", "拒签";
    }
}

named_serde! {
    /// A service that comes to meet the person.
    Service {
        /// By appointment.
        Appointment = "appointment", "预约服务";
        /// After hours.
        ExtendedHours = "extended-hours", "延时服务";
        /// At home.
        HomeVisit = "home-visit", "上门服务";
        /// Done for or with them.
        AgentAssist = "agent-assist", "帮办代办";
    }
}

named_serde! {
    /// Whose fault a failure is (二（五）).
    FaultOf {
        /// The department's that decides the matter.
        Department = "department", "审批部门";
        /// The service bureau's, whose window it is.
        Bureau = "bureau", "政务服务管理部门";
        /// Both.
        Both = "both", "双方";
        /// Nobody's.
        Nobody = "nobody", "无责";
    }
}

named_serde! {
    /// How far the time of a duty has gone.
    Mark {
        /// Half of it.
        Half = "half", "时间过半";
        /// Half a working day is left.
        LastHalfDay = "last-half-day", "还剩半个工作日";
        /// All of it.
        Due = "due", "到期";
        /// A working day more.
        DayLate = "day-late", "逾期一个工作日";
    }
}

named!(MoveKind {
    Registration = "registration", "登记";
    Dispatch = "dispatch", "转办";
    Acceptance = "acceptance", "签收";
    Return = "return", "退单";
    Recall = "recall", "撤回转办";
    Progress = "progress", "进度反馈";
    Answer = "answer", "部门答复";
    Reply = "reply", "回复";
    FollowUp = "follow-up", "回访";
    Closure = "closure", "办结";
    Transfer = "transfer", "转交";
    TransferAcceptance = "transfer-acceptance", "接收转交";
    TransferReturn = "transfer-return", "退回转交";
    Extension = "extension", "申请延期";
    ExtensionDecision = "extension-decision", "延期审批";
    Supervision = "supervision", "督办";
    SupervisionReply = "supervision-reply", "督办回复";
    Reopening = "reopening", "重办";
    Classification = "classification", "分类";
    Adoption = "adoption", "采用出路";
    Assessment = "assessment", "综合研判";
    ReliefScan = "relief-scan", "帮扶排查";
    Explanation = "explanation", "政策解释";
    Booking = "booking", "安排服务";
    BookingOutcome = "booking-outcome", "服务落实";
    Meeting = "meeting", "会商";
    FaultFinding = "fault-finding", "责任认定";
    Note = "note", "备注";
    Contact = "contact", "联系方式";
    Feedback = "feedback", "群众评价";
    Reminder = "reminder", "催办提醒";
    Breach = "breach", "逾期";
    Recount = "recount", "重算期限";
    Erasure = "erasure", "删除个人信息";
});

/// What kind of move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MoveKind {
    Registration,
    Dispatch,
    Acceptance,
    Return,
    Recall,
    Progress,
    Answer,
    Reply,
    FollowUp,
    Closure,
    Transfer,
    TransferAcceptance,
    TransferReturn,
    Extension,
    ExtensionDecision,
    Supervision,
    SupervisionReply,
    Reopening,
    Classification,
    Adoption,
    Assessment,
    ReliefScan,
    Explanation,
    Booking,
    BookingOutcome,
    Meeting,
    FaultFinding,
    Note,
    Contact,
    Feedback,
    Reminder,
    Breach,
    Recount,
    Erasure,
}
