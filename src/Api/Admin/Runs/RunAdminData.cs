using Agora.Api.Runs;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Runs;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Runs;

internal sealed record AllRunsData(IReadOnlyList<RunRowData> Runs) : TotalledListData;

/// <param name="Model">Of a model's call: what was counted, and by which prices; null: it was none, or failed.</param>
internal sealed record RunLinkedData(RunRowData Run, RunModelData? Model, IReadOnlyDictionary<string, string> Links)
{
    public const string Example =
        $$$"""{"run":{{{RunRowData.Example}}},"model":null,"links":{"payment":"/admin/payments/0198c0de-0000-7000-8000-000000000001","session":"/admin/sessions/0198c0de","user":"/admin/users/user-1","agent":"/admin/agents/agent-1","service":"/admin/services/summary","campaign":"/admin/campaigns/survey"}}""";

    public static RunLinkedData Of(NamedRow row, CalledModel? called, string? agent) => new(RunRowData.Of(row), called is null ? null : RunModelData.Of(called), RunLinks.OfRun(row, agent));
}

/// <param name="ServiceId">Null: it paid another wallet, <paramref name="Provider"/>, and ran nothing.</param>
/// <param name="PaymentId">Null if it cost nothing.</param>
internal sealed record RunRowData(
    string RunId,
    string SessionId,
    string UserId,
    string AgentId,
    string? ServiceId,
    string Provider,
    string State,
    string? FailureCode,
    Cents PaidCents,
    string? PaymentId,
    string? CampaignId,
    string? Source,
    DateTimeOffset RequestedAt,
    DateTimeOffset EndedAt)
{
    public const string Example =
        """{"run_id":"0198c0de-0000-7000-8000-000000000000","session_id":"0198c0de","user_id":"user-1","agent_id":"agent-1","service_id":"summary","provider":"text-provider","state":"succeeded","failure_code":null,"paid_cents":25,"payment_id":"0198c0de-0000-7000-8000-000000000001","campaign_id":"survey","source":"sponsor","requested_at":"2030-01-01T00:00:00.000000Z","ended_at":"2030-01-01T00:00:01.000000Z"}""";

    public static RunRowData Of(NamedRow row) => new(
        row.Text("run_id"),
        row.Text("session_id"),
        row.Text("user_id"),
        row.Text("agent_id"),
        row.Text("service_id") is { Length: > 0 } service ? service : null,
        row.Text("provider"),
        row.Text("state"),
        row.OptionalText("failure_code"),
        new(row.Number("amount_micros")),
        row.OptionalText("payment_id"),
        row.OptionalText("campaign_id"),
        row.OptionalText("source"),
        row.Time("requested_at"),
        row.Time("settled_at"));
}
