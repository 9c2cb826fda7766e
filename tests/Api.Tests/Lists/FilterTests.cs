using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Lists;

/// <summary>Each filter of each list, over each store: rows are named by their numbers, newest first.</summary>
public sealed class FilterTests
{
    private static readonly (string Query, string Expected)[] Wanted =
    [
        ("payments", "3 2 1 0"),
        ("payments?user_id=user-2", "1"),
        ("payments?agent_id=agent-2", "2"),
        ("payments?session_id=s-3", "3"),
        ("payments?campaign_id=survey", "3 1 0"),
        ("payments?service_id=other", "3"),
        ("payments?provider=agent:agent-9", "2"),
        ("payments?source=wallet", "2"),
        ("payments?payer=agent%3Aagent-2", "2"),
        ($"payments?from={Rows.Time(10)}", "3 2 1"),
        ($"payments?to={Rows.Time(20)}", "1 0"),
        ($"payments?from={Rows.Time(10)}&to={Rows.Time(20)}", "1"),
        ($"payments?from={Rows.Time(10)}&to={Rows.Time(10)}", ""),
        ("payments?min_amount_cents=25.0001", "3"),
        ("payments?min_amount_cents=25&max_amount_cents=25", "1 0"),
        ("payments?max_amount_cents=24.99", "2"),
        ("payments?campaign_id=survey&service_id=summary&user_id=user-1", "0"),
        ("runs", "4 3 2 1 0"),
        ("runs?state=failed", "4"),
        ("runs?state=succeeded&agent_id=agent-2", "2"),
        ("runs?service_id=summary", "4 1 0"),
        ("sessions", "3 2 1 0"),
        ("sessions?user_id=user-2", "1"),
        ("sessions?agent_id=agent-2", "2"),
        ("sessions?parent_session_id=s-0000", "3"),
        ("sessions?state=live", "2 1"),
        ("sessions?state=closed", "3"),
        ("sessions?state=expired", "0"),
        ($"sessions?from={Rows.Time(10)}&to={Rows.Time(30)}", "2 1"),
        ("completions", "2 1 0"),
        ("completions?user_id=user-2", "1"),
        ("completions?agent_id=agent-2", "2"),
        ("completions?session_id=s-2", "2"),
        ("completions?campaign_id=other", "1"),
        ("completions?state=withdrawn", "1"),
        ("completions?state=consented", "2 0"),
        ($"completions?from={Rows.Time(10)}&to={Rows.Time(20)}", "1"),
        ("approvals", "1 0"),
        ("approvals?state=pending", "1 0"),
        ("approvals?state=denied", "2"),
        ("approvals?state=approved", ""),
        ("approvals?user_id=user-2", "1"),
        ("approvals?agent_id=agent-2&state=denied", "2"),
        ("approvals?service_id=other", "1"),
        ("approvals?session_id=s-1", "1 0"),
        ("approvals?min_amount_cents=30", "0"),
        ($"approvals?from={Rows.Time(10)}", "1"),
        ("audit", "8 4 7 3 6 2 5 1 0"),
        ("audit?user_id=user-2", "7 1"),
        ("audit?agent_id=agent-2", "6 2"),
        ("audit?session_id=s-3", "8 3"),
        ("audit?operation=run_service", "4 3 1 0"),
        ("audit?operation=transfer", "2"),
        ("audit?operation=search_services", "8 7 5"),
        ("audit?operation=find_services", "8 7 5"),
        ("audit?operation=end_session", "6"),
        ("audit?operation=nothing", ""),
        ("audit?response_status=200", "8 3 6 2 5 1 0"),
        ("audit?response_status=502", "4"),
        ("audit?response_status=403", "7"),
        ("audit?response_status=502&operation=transfer", ""),
        ($"audit?from={Rows.Time(10)}&to={Rows.Time(30)}", "6 2 5 1"),
        ("audit?user_id=user-1&operation=search_services&response_status=200", "8 5"),
        ("refusals", "3 2 1 0"),
        ("refusals?user_id=user-2", "1"),
        ("refusals?agent_id=agent-2", "2"),
        ("refusals?session_id=s-2", "2"),
        ("refusals?campaign_id=survey", "3"),
        ("refusals?service_id=other", "2"),
        ("refusals?code=payment_required", "3"),
        ("refusals?code=budget_exceeded&user_id=user-1", "2 0"),
        ("refusals?min_amount_cents=25.0001", "2"),
        ("refusals?max_amount_cents=25", "3 1 0"),
        ($"refusals?from={Rows.Time(10)}&to={Rows.Time(30)}", "2 1"),
    ];

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_filter_leaves_what_it_says(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await Fill(store);

        var found = new List<(string Query, string Found)>();
        foreach (var (query, _) in Wanted)
        {
            var data = (await api.Client.Admin(HttpMethod.Get, $"/admin/{query}")).Expect(200).Data;
            found.Add((query, string.Join(' ', data.EnumerateObject().First().Value.EnumerateArray().Select(Number))));
        }

        Assert.Equal(Wanted, found);
    }

    private static Task Fill(Store store) => store.Journal.Write(
        [
            Rows.Paid(0, 0), Rows.Paid(1, 10, changed: ("user_id", "user-2")),
            Rows.Paid(2, 20, changed: [("agent_id", "agent-2"), ("campaign_id", null), ("provider", "agent:agent-9"), ("source", "wallet"), ("operation", "transfer"), ("payer", "agent:agent-2"), ("payer_id", "agent:agent-2"), ("amount_micros", 10_000L), ("service_id", "")]),
            Rows.Paid(3, 30, changed: [("service_id", "other"), ("amount_micros", 250_001L)]),
            Rows.Paid(4, 40, changed: [("state", "failed"), ("payment_id", null), ("campaign_id", null), ("payer", null), ("source", null), ("status", null), ("amount_micros", 0L), ("failure_code", "upstream_failed"), ("response_status", 502L), ("user_id", "user-3")]),
            Rows.Session(0, 0, ("expires_at", 1L)), Rows.Session(1, 10, ("user_id", "user-2")), Rows.Session(2, 20, ("agent_id", "agent-2")),
            Rows.Session(3, 30, ("closed_at", 1L), ("parent_session_id", "s-0000"), ("depth", 2L)),
            Rows.Completion(0, 0), Rows.Completion(1, 10, ("user_id", "user-2"), ("campaign_id", "other"), ("consent_valid", 0L)), Rows.Completion(2, 20, ("agent_id", "agent-2"), ("session_id", "s-2")),
            Rows.Approval(0, 0, ("max_amount_micros", 300_000L)), Rows.Approval(1, 10, ("user_id", "user-2"), ("service_id", "other")), Rows.Approval(2, 20, ("agent_id", "agent-2"), ("state", "denied")),
            Rows.Approval(3, 30, ("expires_at", 1L)),
            Rows.Refused(0, 0), Rows.Refused(1, 10, ("user_id", "user-2")), Rows.Refused(2, 20, ("agent_id", "agent-2"), ("service_id", "other"), ("asked_micros", 250_001L)),
            Rows.Refused(3, 30, ("code", "payment_required"), ("node_kind", "campaign"), ("node_id", "survey"), ("campaign_id", "survey")),
            Rows.Called(5, 10), Rows.Called(6, 20, ("agent_id", "agent-2"), ("operation", "end_session"), ("endpoint", "POST /admin/sessions/{session_id}/end")),
            Rows.Called(7, 30, ("user_id", "user-2"), ("response_status", 403L)), Rows.Called(8, 40, ("session_id", "s-3")),
        ],
        default);

    /// <summary>What the test called it: the last digits of its id.</summary>
    private static string Number(JsonElement item)
    {
        var id = ((item.TryGetProperty("run_id", out var run) && run.ValueKind == JsonValueKind.String) || item.TryGetProperty("id", out run) ? run : item.TryGetProperty("refusal_id", out var refusal) ? refusal : item.TryGetProperty("completion_id", out var completion) ? completion : item.GetProperty("session_id")).GetString()!;
        return id[^1..];
    }
}
