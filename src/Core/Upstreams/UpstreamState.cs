using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <summary>A tool, and how far its service follows.</summary>
/// <param name="Wanted">The revision at which its service last had to change; 0: it has none.</param>
/// <param name="Published">The revision that its service was last known to follow.</param>
public sealed record KeptTool(UpstreamTool Tool, long Wanted = 0, long Published = 0)
{
    public bool IsPending => Wanted > Published;
}

/// <summary>
/// An upstream: where it is, what it offers, and what of that operators approved. Invariants: <c>secret_has_header</c>, <c>few_tools</c>, <c>few_asked</c>, <c>published_is_wanted</c>, <c>only_the_approved_is_wanted</c>.
/// </summary>
/// <param name="Definition">Null: nobody has put it yet, or it was deleted.</param>
/// <param name="Tools">By service id. One that is offered no more stays as long as it is approved.</param>
/// <param name="Revision">Rises whenever a service has to change; no service follows an older one after a newer.</param>
public sealed record UpstreamState(StreamId Stream, UpstreamDefinition? Definition, ImmutableSortedDictionary<string, KeptTool> Tools, long Revision)
{
    public static UpstreamState Initial(StreamId stream) => new(stream, null, ImmutableSortedDictionary.Create<string, KeptTool>(StringComparer.Ordinal), 0);

    /// <summary>What services of a deleted upstream are told: it, inactive.</summary>
    public UpstreamDefinition? Former { get; init; }

    /// <summary>Sealed with this upstream's own key, wherever it is stored.</summary>
    public Personal? Secret { get; init; }

    public int Secrets { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Rises with each definition: what was read under the one before says nothing of it.</summary>
    public int Course { get; init; }

    public UpstreamFailure? Failure { get; init; }

    /// <summary>Commands of operators who wait for its list.</summary>
    public ImmutableArray<Guid> Asked { get; init; } = [];

    /// <summary>Soft: when its list was last read.</summary>
    [JsonIgnore]
    public DateTimeOffset? RefreshedAt { get; init; }

    /// <summary>Soft: how often in a row its list was another than before. Who changes it all the time is asked less often.</summary>
    [JsonIgnore]
    public int Restless { get; init; }

    /// <summary>Its list is followed.</summary>
    public bool Follows => Definition is { Active: true };

    public UpstreamView View(UpstreamDefinition definition) => new(
        Stream.Id,
        definition,
        UpdatedAt,
        Tools.Values.Count(kept => kept.Tool.Offered is not null),
        Tools.Values.Count(kept => kept.Tool.IsCurrent),
        Tools.Values.Count(kept => kept.Tool.Waits),
        RefreshedAt,
        Failure,
        Secrets);

    public UpstreamState Evolve(UpstreamEvent happened, DateTimeOffset at) => happened switch
    {
        UpstreamEvent.DefinitionPut e => (Definition is null ? this with { Tools = Tools.Clear() } : Changed()) with
        {
            Definition = e.View.Definition, Former = null, Secret = e.Secret, Secrets = e.View.Secrets, Course = Course + 1, UpdatedAt = at, Failure = null, Restless = 0,
        },
        UpstreamEvent.Deleted => Changed() with { Definition = null, Former = Definition, Secret = null, Course = Course + 1, UpdatedAt = at, Failure = null },
        UpstreamEvent.Offered e => Offer(e, at) with { Failure = null },
        UpstreamEvent.ListFailed e => this with { Failure = e.Failure },
        UpstreamEvent.RefreshAsked e => this with { Asked = Asked.Add(e.CommandId) },
        UpstreamEvent.Refreshed e => this with { Asked = Asked.Remove(e.CommandId) },
        UpstreamEvent.ToolApproved e => this with { Revision = Revision + 1, Tools = Tools.SetItem(e.Tool.ServiceId, Tools[e.Tool.ServiceId] with { Tool = e.Tool, Wanted = Revision + 1 }) },
        UpstreamEvent.ToolPublished e => Publish(e),
        _ => throw new UnreachableException(),
    };

    /// <summary>Whatever was approved has a service that has to follow.</summary>
    private UpstreamState Changed() => this with
    {
        Revision = Revision + 1,
        Tools = Tools.SetItems(Tools.Values.Where(kept => kept.Tool.Approved is not null).Select(kept => KeyValuePair.Create(kept.Tool.ServiceId, kept with { Wanted = Revision + 1 }))),
    };

    private UpstreamState Offer(UpstreamEvent.Offered e, DateTimeOffset at)
    {
        var (tools, revision) = (Tools, Revision + 1);
        foreach (var (id, tool) in e.Tools)
        {
            var kept = tools.GetValueOrDefault(id) ?? new(new(id, null, null, at));
            tools = tools.SetItem(id, Moved(kept, kept.Tool with { Offered = tool, ChangedAt = at }));
        }

        foreach (var id in e.Gone)
        {
            var kept = tools[id];
            tools = kept.Tool.Approved is null ? tools.Remove(id) : tools.SetItem(id, Moved(kept, kept.Tool with { Offered = null, ChangedAt = at }));
        }

        return this with { Tools = tools, Revision = revision };

        KeptTool Moved(KeptTool kept, UpstreamTool tool) => kept with { Tool = tool, Wanted = tool.Approved is null ? kept.Wanted : revision };
    }

    private UpstreamState Publish(UpstreamEvent.ToolPublished e) => Tools.GetValueOrDefault(e.ServiceId) is { } kept
        ? this with { Tools = Tools.SetItem(e.ServiceId, kept with { Published = Math.Max(kept.Published, e.Revision), Tool = kept.Tool with { Refused = e.Refused } }) }
        : this;

    public void CheckInvariants()
    {
        Invariant.Check(Secret is null || Definition?.AuthHeader is not null, "secret_has_header");
        Invariant.Check(Tools.Count <= Limits.UpstreamTools + Limits.UpstreamApproved, "few_tools");
        Invariant.Check(Asked.Length <= Limits.UpstreamAsked, "few_asked");
        foreach (var kept in Tools.Values)
        {
            Invariant.Check(kept.Published <= kept.Wanted && kept.Wanted <= Revision, "published_is_wanted");
            Invariant.Check(kept.Wanted == 0 || kept.Tool.Approved is not null, "only_the_approved_is_wanted");
        }
    }
}
