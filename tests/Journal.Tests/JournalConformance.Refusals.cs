namespace Agora.Journal.Tests;

/// <summary>Refused runs, by each order that lists ask for.</summary>
public abstract partial class JournalConformance
{
    private static readonly TableShape Refusals = new("refusals", 2, [
        "tenant", "refusal_id", "session_id", "user_id", "agent_id", "operation", "service_id", "campaign_id", "code", "refused_at"]);

    public static TheoryData<string, string, string> Refusing => new()
    {
        { "tenant", "default", "r4 r3 r2 r1" },
        { "session_id", "s1", "r3 r1" },
        { "user_id", "u1", "r4 r2" },
        { "agent_id", "g1", "r4 r3 r2" },
        { "campaign_id", "c1", "r2" },
        { "service_id", "v1", "r4 r1" },
        { "code", "budget_exceeded", "r3 r2" },
    };

    [ConformanceTheory]
    [MemberData(nameof(Refusing))]
    public async Task Refusals_are_read_newest_first_by_each_order_that_lists_have(string column, string value, string expected)
    {
        foreach (var tenant in new[] { "default", "other" })
        {
            await Journal.Write([Refused(tenant, "r1", "s1", "u2", "g2", "v1", null, "not_found", 1), Refused(tenant, "r2", "s2", "u1", "g1", "v2", "c1", "budget_exceeded", 2)], None);
            await Journal.Write([Refused(tenant, "r3", "s1", "u2", "g1", null, null, "budget_exceeded", 3), Refused(tenant, "r4", "s2", "u1", "g1", "v1", null, "unavailable", 3)], None);
        }

        var query = new TableQuery(Refusals, [new("tenant", Comparison.Equal, "default"), new(column, Comparison.Equal, value)], [new("refused_at", true), new("refusal_id", true)], 0, 9);
        var all = (await Journal.Query(query, None)).Rows.Select(row => (string)row.Values[1]!).ToList();
        Assert.Equal(expected, string.Join(' ', all));
        Assert.Equal(all.Skip(1), (await Journal.Query(query with { After = [all[0] is "r4" or "r3" ? 3L : 2L, all[0]] }, None)).Rows.Select(row => (string)row.Values[1]!));
    }

    private static OwnedUpsert Refused(string tenant, string id, string session, string user, string agent, string? service, string? campaign, string code, long at) =>
        new($"s/{tenant}", 1, new(Refusals, [tenant, id, session, user, agent, "run_service", service, campaign, code, at]));
}
