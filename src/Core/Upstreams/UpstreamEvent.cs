using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <summary>Closed union of what happens to an upstream: a server of tools that agents may run as services.</summary>
public abstract record UpstreamEvent
{
    private UpstreamEvent()
    {
    }

    public sealed record DefinitionPut(UpstreamView View) : UpstreamEvent
    {
        /// <summary>The secret in force from here on, newly given or kept; null: none, or its key was destroyed.</summary>
        [JsonIgnore]
        public Personal? Secret { get; init; }
    }

    /// <summary>None of its tools can be run any more, and what was approved of it is approved no more.</summary>
    public sealed record Deleted(string UpstreamId) : UpstreamEvent;

    /// <summary>What its list says now that it did not say before. With none of either it could be read again.</summary>
    /// <param name="Tools">New or changed ones, by their services' ids.</param>
    /// <param name="Gone">Ids of services whose tools it offers no more.</param>
    public sealed record Offered(IReadOnlyList<Offer> Tools, IReadOnlyList<string> Gone) : UpstreamEvent;

    /// <summary>Its list could not be read, for another reason than before.</summary>
    public sealed record ListFailed(UpstreamFailure Failure) : UpstreamEvent;

    /// <summary>An operator wants its list read, and waits.</summary>
    public sealed record RefreshAsked(Guid CommandId) : UpstreamEvent;

    /// <summary>Answers the command that asked for it.</summary>
    public sealed record Refreshed(Guid CommandId, UpstreamView View) : UpstreamEvent;

    /// <summary>An operator has said yes to a tool as it stands in the event: that is what agents see and call from here on.</summary>
    public sealed record ToolApproved(UpstreamTool Tool) : UpstreamEvent;

    /// <summary>A tool's service is as the upstream wanted it at a revision, or refused to be.</summary>
    public sealed record ToolPublished(string ServiceId, long Revision, string? Refused = null) : UpstreamEvent;
}

public sealed record Offer(string ServiceId, OfferedTool Tool);
