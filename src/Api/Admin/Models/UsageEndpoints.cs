using System.Globalization;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Admin.Models;

/// <summary>What models cost and how they do: added up from the calls themselves, by what is asked for, and by provider for the last hour.</summary>
internal sealed class UsageEndpoints(CallRows rows, Catalogues catalogues) : IFeature
{
    public static readonly Operation<UsageRequest> Usage = new(Audience.Operators, "get_model_usage", "GET /admin/models/usage", "What calls of models cost, read, wrote and took, by model, agent, user, session or day")
    {
        Read = UsageRequest.Read,
        Data = typeof(ModelUsageData),
        DataExample = $$"""{"by":"model","from":"2029-12-31T00:00:00.000000Z","to":"2030-01-01T00:00:00.000000Z","groups":[{{UsageGroupData.Example("house-model")}}],"total":{{UsageGroupData.Example(null)}},"counted_from":null}""",
    };

    public static readonly Operation<NoFields> Providers = new(Audience.Operators, "get_model_providers", "GET /admin/models/providers", "How the providers of models did in the last hour")
    {
        Read = NoFields.Read,
        Data = typeof(ModelProvidersData),
        DataExample = """{"providers":[{"provider":"openai","calls":120,"failures":3,"failure_percent":2.5,"first_ms_p50":410,"first_ms_p95":1200,"took_ms_p50":2300,"took_ms_p95":9100}],"counted_from":null}""",
    };

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public void Map(Routes routes) => routes.Map(Usage, GetUsage).Map(Providers, GetProviders);

    private async Task<Reply> GetUsage(OperatorCall call, UsageRequest asked)
    {
        var span = CallSpan.Of(asked.Span, call.Now);
        var (groups, last) = await Sums(call, span, row => asked.KeyOf(row));
        var total = new UsageSums();
        foreach (var (_, sums) in groups) total.Add(sums);

        return Reply.Ok(new ModelUsageData(asked.By, span.From, span.To, [.. asked.Ordered(groups).Select(static group => UsageGroupData.Of(group.Key, group.Sums))], UsageGroupData.Of(null, total), span.IsCut ? last : null));
    }

    private async Task<Reply> GetProviders(OperatorCall call, NoFields _)
    {
        var (span, known) = (CallSpan.Of((call.Now - Hour, null), call.Now), catalogues.In(call.Tenant));
        var (groups, last) = await Sums(call, span, row => row.OptionalText("cached_from") is null ? known.Service(row.Text("service_id"))?.Definition.ModelProvider ?? "" : null); // a hit asked no provider
        return Reply.Ok(new ModelProvidersData(
            [.. groups.OrderByDescending(static group => group.Value.Calls).ThenBy(static group => group.Key, StringComparer.Ordinal).Take(Limits.ListItems).Select(static group => ProviderHealthData.Of(group.Key, group.Value))],
            span.IsCut ? last : null));
    }

    /// <returns>And when the oldest of the calls ended that are in them.</returns>
    private async Task<(Dictionary<string, UsageSums> Groups, DateTimeOffset? Last)> Sums(OperatorCall call, CallSpan span, Func<NamedRow, string?> keyOf)
    {
        var groups = new Dictionary<string, UsageSums>(StringComparer.Ordinal);
        DateTimeOffset? last = null;
        await foreach (var row in rows.Within(call.Tenant, span, call.Cancel))
        {
            if (keyOf(row) is not { } key) continue;

            if (!groups.TryGetValue(key, out var sums))
            {
                groups[key] = sums = new();
            }

            sums.Add(row);
            last = row.Time("ended_at");
        }

        return (groups, last);
    }
}

/// <param name="By">What calls are put together by.</param>
internal sealed record UsageRequest(string By, (DateTimeOffset? From, DateTimeOffset? To) Span)
{
    private const string Day = "day";
    public static readonly IReadOnlyList<string> Kinds = ["model", "agent", "user", "session", Day];

    public static UsageRequest Read(Call call) => new(call.Query.OneOf("by", "What calls are put together by; absent: by model.", Kinds) ?? Kinds[0], call.Query.Span());

    public string KeyOf(NamedRow call) => By switch
    {
        "agent" => call.Text("agent_id"),
        "user" => call.Text("user_id"),
        "session" => call.Text("session_id"),
        Day => call.Time("ended_at").UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => call.Text("service_id"),
    };

    /// <summary>Days in their order, else the dearest first; those beyond <see cref="Limits.ListItems"/> are one group, without a key.</summary>
    public IReadOnlyList<(string? Key, UsageSums Sums)> Ordered(Dictionary<string, UsageSums> groups)
    {
        IReadOnlyList<KeyValuePair<string, UsageSums>> all = By == Day
            ? [.. groups.OrderByDescending(static group => group.Key, StringComparer.Ordinal)]
            : [.. groups.OrderByDescending(static group => group.Value.CostMicros).ThenBy(static group => group.Key, StringComparer.Ordinal)];
        if (all.Count <= Limits.ListItems) return [.. all.Select(static group => ((string?)group.Key, group.Value))];

        var others = new UsageSums();
        foreach (var (_, sums) in all.Skip(Limits.ListItems - 1)) others.Add(sums);

        return [.. all.Take(Limits.ListItems - 1).Select(static group => ((string?)group.Key, group.Value)), (null, others)];
    }
}

/// <param name="To">Excluded.</param>
/// <param name="CountedFrom">When the oldest call ended that is in the sums; null: all of them are.</param>
internal sealed record ModelUsageData(string By, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<UsageGroupData> Groups, UsageGroupData Total, DateTimeOffset? CountedFrom);

/// <param name="Group">Null: all others together, or all.</param>
/// <param name="InputTokens">Neither cached nor written to a cache.</param>
internal sealed record UsageGroupData(
    string? Group,
    long Calls,
    long Hits,
    Cents CostCents,
    Cents HeldCents,
    decimal? PostedPercent,
    long InputTokens,
    long CacheReadTokens,
    long CacheWriteTokens,
    long OutputTokens,
    long ReasoningTokens,
    decimal? CacheReadPercent,
    long Estimates,
    long Failures,
    Cents OverCents,
    long? FirstMsP50,
    long? FirstMsP95,
    long? TookMsP50,
    long? TookMsP95)
{
    public static string Example(string? key) =>
        $$"""{"group":{{(key is null ? "null" : $"\"{key}\"")}},"calls":120,"hits":12,"cost_cents":48.5,"held_cents":194,"posted_percent":25,"input_tokens":91000,"cache_read_tokens":30000,"cache_write_tokens":1000,"output_tokens":20000,"reasoning_tokens":8000,"cache_read_percent":24.5,"estimates":1,"failures":3,"over_cents":0,"first_ms_p50":410,"first_ms_p95":1200,"took_ms_p50":2300,"took_ms_p95":9100}""";

    public static UsageGroupData Of(string? key, UsageSums sums) => new(
        key, sums.Calls, sums.Hits, new(sums.CostMicros), new(sums.HeldMicros), sums.PostedPercent, sums.Input, sums.CacheRead, sums.CacheWrite, sums.Output, sums.Reasoning, sums.CacheReadPercent,
        sums.Estimates, sums.Failures, new(sums.OverMicros), sums.FirstMs(50), sums.FirstMs(95), sums.TookMs(50), sums.TookMs(95));
}

internal sealed record ModelProvidersData(IReadOnlyList<ProviderHealthData> Providers, DateTimeOffset? CountedFrom);

/// <param name="Provider">Whom the model is had from now; empty: it is no model any more.</param>
internal sealed record ProviderHealthData(string Provider, long Calls, long Failures, decimal? FailurePercent, long? FirstMsP50, long? FirstMsP95, long? TookMsP50, long? TookMsP95)
{
    public static ProviderHealthData Of(string provider, UsageSums sums) =>
        new(provider, sums.Calls, sums.Failures, sums.FailurePercent, sums.FirstMs(50), sums.FirstMs(95), sums.TookMs(50), sums.TookMs(95));
}
