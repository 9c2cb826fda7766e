using System.Globalization;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Journal;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Search;

/// <summary>A kind of thing that stands in a table under its id.</summary>
/// <param name="Href">Where it stands.</param>
/// <param name="Summary">A line; nothing personal, for none of it is in tables.</param>
internal sealed record SearchKind(string Name, Table Table, string Id, Func<NamedRow, string> Href, Func<NamedRow, string> Summary)
{
    /// <summary>We drew the id, so it is a UUID.</summary>
    public bool IsDrawn { get; init; }

    /// <summary>The first characters are enough: the primary key is in this order.</summary>
    public bool ByPrefix { get; init; }

    public IReadOnlyList<Condition> Always { get; init; } = [];

    public HitData Hit(NamedRow row, string matched) => new(Name, row.Text(Id), Href(row), matched, Summary(row));
}

/// <summary>All kinds, in the order in which they are shown. Each is found by an index.</summary>
internal static class SearchKinds
{
    public static readonly SearchKind Payment = new("payment", RunTables.Runs, "payment_id", static row => Links.To("payments", row.Text("payment_id"))!, static row => Paid(row)) { IsDrawn = true };

    public static readonly SearchKind Run = new("run", RunTables.Runs, "run_id", static row => Links.To("runs", row.Text("run_id"))!, static row => Ran(row)) { IsDrawn = true, ByPrefix = true };

    public static readonly SearchKind Approval = new(
        "approval", RunTables.Approvals, "run_id", static row => $"/admin/approvals?session_id={row.Text("session_id")}",
        static row => $"{row.Text("state")}: up to {Amount(row, "max_amount_micros")} for {row.OptionalText("service_id") ?? row.Text("payee")}, {Whose(row)}, asked {At(row, "requested_at")}") { IsDrawn = true };

    public static readonly SearchKind Session = new(
        "session", UserTables.Sessions, "session_id", static row => Links.To("sessions", row.Text("session_id"))!,
        static row => $"{Whose(row)}, {(row.OptionalTime("closed_at") is { } closed ? $"ended {Rfc3339.Format(closed)}" : $"until {At(row, "expires_at")}")}") { ByPrefix = true };

    public static readonly SearchKind Completion = new(
        "completion", UserTables.Completions, "completion_id", static row => Done(row), static row => $"{row.Text("campaign_id")} done {Whose(row)}, {At(row, "completed_at")}") { IsDrawn = true };

    public static readonly SearchKind Consent = new(
        "consent", UserTables.Consents, "consent_id", static row => Done(row),
        static row => $"{row.Text("type")} of {row.Text("user_id")} for {row.Text("campaign_id")}, {(row.OptionalTime("withdrawn_at") is { } gone ? $"withdrawn {Rfc3339.Format(gone)}" : "given " + At(row, "granted_at"))}") { IsDrawn = true };

    public static readonly SearchKind Refund = new(
        "refund", RefundTables.Refunds, "refund_id", static row => Links.To("payments", row.Text("payment_id"))!,
        static row => $"{Amount(row, "amount_micros")} of {row.Text("payment_id")}, {row.Text("state")}, {At(row, "created_at")}") { IsDrawn = true };

    public static readonly SearchKind Call = new(
        "call", SessionTables.Audit, "audit_id", static row => $"/admin/audit?session_id={row.Text("session_id")}&operation={row.Text("operation")}",
        static row => $"{row.Text("operation")}: {row.Number("response_status").ToString(CultureInfo.InvariantCulture)}, {At(row, "created_at")}") { IsDrawn = true };

    public static readonly SearchKind Act = new(
        "act", ActTables.Acts, "act_id", static row => row.OptionalText("target_id") is { } target ? $"/admin/acts?target_id={target}&operation={row.Text("operation")}" : $"/admin/acts?operation={row.Text("operation")}",
        static row => $"{row.Text("operation")}{(row.OptionalText("target_id") is { } target ? $" {target}" : "")} by {row.Text("actor")}, {At(row, "at")}") { IsDrawn = true };

    public static readonly SearchKind User = new(
        "user", UserTables.Users, "user_id", static row => Links.To("users", row.Text("user_id"))!,
        static row => $"{Cap(row, "daily_cap_micros")} a day, {Cap(row, "monthly_cap_micros")} a month{Flag(row, "paused", ", paused")}{Flag(row, "erased", ", erased")}") { ByPrefix = true };

    public static readonly SearchKind Agent = new(
        "agent", AgentTables.Agents, "agent_id", static row => Links.To("agents", row.Text("agent_id"))!,
        static row => $"{(row.OptionalText("owner") is { } owner ? $"of {owner}" : "no owner")}{Flag(row, "stopped", ", stopped")}") { ByPrefix = true };

    public static readonly SearchKind Service = new(
        "service", ServiceTables.Services, "service_id", static row => Links.To("services", row.Text("service_id"))!,
        static row => $"{row.Text("name")}, {row.Text("category")}{(row.Number("disabled") != 0 ? ", disabled" : row.Number("active") != 0 ? "" : ", not active")}") { ByPrefix = true };

    public static readonly SearchKind Campaign = new(
        "campaign", CampaignTables.Campaigns, "campaign_id", static row => Links.To("campaigns", row.Text("campaign_id"))!,
        static row => $"{row.Text("name")}, of {row.Text("sponsor")}{(row.Number("closed") != 0 ? ", closed" : row.Number("active") != 0 ? "" : ", not active")}") { ByPrefix = true };

    public static readonly SearchKind Wallet = new(
        "wallet", FundTables.Funds, "fund_id", static row => Links.To("wallets", row.Text("fund_id"))!, static row => $"{Amount(row, "balance_micros")}, {At(row, "updated_at")}")
    {
        ByPrefix = true,
        Always = [TableReader.Is("kind", Kinds.Wallet)],
    };

    public static IReadOnlyList<SearchKind> All { get; } = [Payment, Run, Approval, Session, Completion, Consent, Refund, Call, Act, User, Agent, Service, Campaign, Wallet];

    /// <summary>Of what stands in no table of its own: who is paid for services, and agents whom nobody put.</summary>
    public const string Provider = "provider";

    public static string ProvidersHref(string provider) => $"/admin/payments?provider={provider}";

    private static string Paid(NamedRow row) => $"{Amount(row, "amount_micros")}, {row.Text("status")}: {What(row)} {Whose(row)}, {At(row, "settled_at")}";

    private static string Ran(NamedRow row) => $"{row.OptionalText("failure_code") ?? row.Text("state")}: {What(row)} {Whose(row)}, {At(row, "settled_at")}";

    private static string What(NamedRow row) => row.Text("service_id") is { Length: > 0 } service ? service : $"transfer to {row.Text("provider")}";

    private static string Whose(NamedRow row) => $"for {row.Text("user_id")} by {row.Text("agent_id")}";

    /// <summary>A user does a campaign's task once, so the list has it alone.</summary>
    private static string Done(NamedRow row) => $"/admin/completions?user_id={row.Text("user_id")}&campaign_id={row.Text("campaign_id")}";

    private static string Amount(NamedRow row, string column) => $"{Money.FormatCents(row.Number(column))} cents";

    private static string Cap(NamedRow row, string column) => row.OptionalNumber(column) is { } cap ? string.Create(CultureInfo.InvariantCulture, $"{Money.FormatCents(cap)} cents") : "no cap";

    private static string At(NamedRow row, string column) => Rfc3339.Format(row.Time(column));

    private static string Flag(NamedRow row, string column, string words) => row.Number(column) != 0 ? words : "";
}
