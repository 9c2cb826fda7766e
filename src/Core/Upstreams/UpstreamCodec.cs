using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <summary>Stored names, for ever. Own commands have none, so that nobody outside can forge a step's outcome.</summary>
public static class UpstreamCodec
{
    public static readonly UnionCodec<UpstreamEvent> Events = new UnionCodec<UpstreamEvent>()
        .Case<UpstreamEvent.DefinitionPut>("upstream.definition_put", personal: e => e.Secret, with: (e, secret) => e with { Secret = secret })
        .Case<UpstreamEvent.Deleted>("upstream.deleted")
        .Case<UpstreamEvent.Offered>("upstream.offered")
        .Case<UpstreamEvent.ListFailed>("upstream.list_failed")
        .Case<UpstreamEvent.RefreshAsked>("upstream.refresh_asked")
        .Case<UpstreamEvent.Refreshed>("upstream.refreshed")
        .Case<UpstreamEvent.ToolApproved>("upstream.tool_approved")
        .Case<UpstreamEvent.ToolPublished>("upstream.tool_published");

    public static readonly UnionCodec<UpstreamCommand> Commands = new UnionCodec<UpstreamCommand>()
        .Case<UpstreamCommand.Put>("upstream.put")
        .Case<UpstreamCommand.Delete>("upstream.delete")
        .Case<UpstreamCommand.Get>("upstream.get")
        .Case<UpstreamCommand.Refresh>("upstream.refresh")
        .Case<UpstreamCommand.GetTools>("upstream.get_tools")
        .Case<UpstreamCommand.Approve>("upstream.approve")
        .Case<UpstreamCommand.GetAccess>("upstream.get_access")
        .Case<UpstreamCommand.Heard>("upstream.heard")
        .Case<UpstreamCommand.Tick>("upstream.tick");

    public static byte[] Save(UpstreamState s) => JsonSerializer.SerializeToUtf8Bytes(
        new Saved(s.Stream.ToString(), s.Definition, [.. s.Tools.Values], s.Revision, s.UpdatedAt, s.Course, s.Former, s.Secret, s.Secrets, s.Failure, s.Asked.IsEmpty ? null : s.Asked), StoredJson.Options);

    public static UpstreamState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.Definition, s.Tools.ToImmutableSortedDictionary(kept => kept.Tool.ServiceId, kept => kept, StringComparer.Ordinal), s.Revision)
        {
            UpdatedAt = s.UpdatedAt,
            Course = s.Course,
            Former = s.Former,
            Secret = s.Secret,
            Secrets = s.Secrets,
            Failure = s.Failure,
            Asked = [.. s.Asked ?? []],
        };
    }

    private sealed record Saved(
        string Stream,
        UpstreamDefinition? Definition,
        IReadOnlyList<KeptTool> Tools,
        long Revision,
        DateTimeOffset UpdatedAt,
        int Course,
        UpstreamDefinition? Former,
        Personal? Secret,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Secrets,
        UpstreamFailure? Failure,
        IReadOnlyList<Guid>? Asked);
}
