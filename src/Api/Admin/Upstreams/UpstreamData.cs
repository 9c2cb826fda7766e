using System.Text.Json.Serialization;
using Agora.Api.Admin.Services;
using Agora.Application.Values;
using Agora.Core.Upstreams;

namespace Agora.Api.Admin.Upstreams;

/// <summary>All but the secret, which nobody ever reads back.</summary>
/// <param name="OfferedCount">Tools that it offers; of these <paramref name="ApprovedCount"/> can be run, and <paramref name="WaitingCount"/> wait for an operator.</param>
/// <param name="State">One of <see cref="States"/>.</param>
internal sealed record UpstreamData(
    string UpstreamId,
    IReadOnlyList<string>? Urls,
    string? Command,
    string? Description,
    ServiceAuthData? Auth,
    string Category,
    Cents PriceCents,
    string Provider,
    string? Owner,
    int TimeoutMs,
    bool Active,
    IReadOnlyList<ToolTermsData> Tools,
    string State,
    string? Failure,
    DateTimeOffset? FailingSince,
    int OfferedCount,
    int ApprovedCount,
    int WaitingCount,
    DateTimeOffset? RefreshedAt,
    DateTimeOffset UpdatedAt)
{
    public const string Example = """{"upstream_id":"maps","urls":["https://maps.example/mcp"],"command":null,"description":"Maps","auth":{"header":"Authorization"},"category":"maps","price_cents":2,"provider":"maps-provider","owner":null,"timeout_ms":10000,"active":true,"tools":[{"service_id":"maps__route","price_cents":5,"category":null,"active":true}],"state":"followed","failure":null,"failing_since":null,"offered_count":2,"approved_count":1,"waiting_count":1,"refreshed_at":"2030-01-01T00:00:00.000000Z","updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static readonly IReadOnlyList<string> States = ["followed", "failing", "paused"];

    /// <summary>Members that lost their values to a put that did not name them; absent where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dropped { get; private init; }

    /// <summary>Where it was read: what hangs on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    public static UpstreamData Of(UpstreamView view) => new(
        view.UpstreamId,
        view.Definition.Urls,
        view.Definition.Command,
        view.Definition.Description,
        view.Definition.AuthHeader is { } header ? new(header) : null,
        view.Definition.Category,
        new(view.Definition.PriceMicros),
        view.Definition.Provider,
        view.Definition.Owner,
        view.Definition.TimeoutMs,
        view.Definition.Active,
        [.. (view.Definition.Tools ?? []).Select(ToolTermsData.Of)],
        !view.Definition.Active ? "paused" : view.Failure is null ? "followed" : "failing",
        view.Failure?.Code,
        view.Failure?.Since,
        view.Tools,
        view.Approved,
        view.Waiting,
        view.RefreshedAt,
        view.UpdatedAt) { Dropped = view.Dropped };
}

internal sealed record ToolTermsData(string ServiceId, Cents? PriceCents, string? Category, bool Active)
{
    public static ToolTermsData Of(ToolTerms terms) => new(terms.ServiceId, terms.PriceMicros is { } price ? new(price) : null, terms.Category, !terms.Inactive);
}

internal sealed record UpstreamsData(IReadOnlyList<UpstreamData> Upstreams, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

internal sealed record DeletedUpstreamData(string UpstreamId);

internal sealed record UpstreamToolsData(IReadOnlyList<UpstreamToolData> Tools, long TotalCount, int Offset, int Limit);

/// <summary>A tool as it is offered, and as agents have it.</summary>
/// <param name="State">One of <see cref="States"/>.</param>
/// <param name="Differences">In what the offered tool is another than the approved one.</param>
/// <param name="Unusable">Why it cannot be approved; null: it can.</param>
/// <param name="Warnings">Of what is offered, or else approved: what to look at before an approval (<see cref="ToolWarnings"/>).</param>
/// <param name="Refused">Code of the refusal of the service that it would be; null: it was none.</param>
internal sealed record UpstreamToolData(
    string ServiceId, string State, ToolWordsData? Offered, ToolWordsData? Approved, IReadOnlyList<string> Differences, string? Unusable, IReadOnlyList<string> Warnings, string? Refused, DateTimeOffset ChangedAt, DateTimeOffset? ApprovedAt)
{
    public const string Example = """{"service_id":"maps__route","state":"offered","offered":{"name":"route","title":"Route","description":"Finds a way","input_schema":{"type":"object"},"output_schema":null,"read_only":true,"destructive":null,"idempotent":null,"open_world":null,"hash":"3q2-7wAAAAAAAAAAAAAAAA"},"approved":null,"differences":[],"unusable":null,"warnings":[],"refused":null,"changed_at":"2030-01-01T00:00:00.000000Z","approved_at":null}""";

    public static readonly IReadOnlyList<string> States = ["offered", "approved", "changed", "gone", "unusable"];

    /// <summary>Words of the upstream.</summary>
    public static readonly IReadOnlyList<string> Untrusted = ["data.tools[].offered", "data.tools[].approved"];

    public static UpstreamToolData Of(UpstreamTool tool, IReadOnlySet<string> twins) => new(
        tool.ServiceId,
        tool.Offered is null ? "gone" : tool.Offered.Unusable is not null ? "unusable" : tool.Approved is null ? "offered" : tool.IsCurrent ? "approved" : "changed",
        tool.Offered is { } offered ? ToolWordsData.Of(offered) : null,
        tool.Approved is { } approved ? ToolWordsData.Of(approved) : null,
        [.. Different(tool.Offered, tool.Approved)],
        tool.Offered?.Unusable,
        ToolWarnings.Of(tool, twins),
        tool.Refused,
        tool.ChangedAt,
        tool.ApprovedAt);

    private static IEnumerable<string> Different(OfferedTool? offered, OfferedTool? approved)
    {
        if (offered is null || approved is null) yield break;
        if (offered.Name != approved.Name)
        {
            yield return "name";
        }

        if (offered.Title != approved.Title)
        {
            yield return "title";
        }

        if (offered.Description != approved.Description)
        {
            yield return "description";
        }

        if (offered.InputSchema != approved.InputSchema)
        {
            yield return "input_schema";
        }

        if (offered.OutputSchema != approved.OutputSchema)
        {
            yield return "output_schema";
        }

        if (offered.Hints != approved.Hints)
        {
            yield return "hints";
        }
    }
}

internal sealed record ToolWordsData(
    string Name, string? Title, string Description, RawJson? InputSchema, RawJson? OutputSchema, bool? ReadOnly, bool? Destructive, bool? Idempotent, bool? OpenWorld, string Hash)
{
    public static ToolWordsData Of(OfferedTool tool) => new(
        tool.Name, tool.Title, tool.Description, RawJson.Of(tool.InputSchema), RawJson.Of(tool.OutputSchema), tool.Hints?.ReadOnly, tool.Hints?.Destructive, tool.Hints?.Idempotent, tool.Hints?.OpenWorld, tool.Hash);
}
